namespace ReliableQueue.Benchmarks;

/// <summary>Does nothing but count: what is measured is everything around it. Made anew in the scope of each delivery.</summary>
internal sealed class NumberedHandler(Tally tally) : IMessageHandler<Numbered>
{
    public Task HandleAsync(Numbered message, MessageContext context, CancellationToken cancellationToken)
    {
        tally.Count(message.Number);
        return Task.CompletedTask;
    }
}
