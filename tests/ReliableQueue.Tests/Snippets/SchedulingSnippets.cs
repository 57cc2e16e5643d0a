namespace ReliableQueue.Tests.Snippets;

/// <summary>The code of docs/scheduling.md.</summary>
internal static class SchedulingSnippets
{
    public static async Task RemindAsync(IQueueClient queue, Order order, CancellationToken cancellationToken)
    {
        #region DelayedMessage
        await queue.EnqueueAsync("emails", new RemindOfPayment(order.Id), new EnqueueOptions { Delay = TimeSpan.FromDays(3) }, cancellationToken);
        #endregion
    }

    internal sealed record Order(int Id);

    [MessageType("remind-of-payment")]
    internal sealed record RemindOfPayment(int Order);
}
