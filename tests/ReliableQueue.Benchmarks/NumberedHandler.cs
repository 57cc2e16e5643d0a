namespace ReliableQueue.Benchmarks;

/// <summary>Does nothing but say that it was entered: what is measured is everything around it. Made anew in the scope of each delivery.</summary>
internal sealed class NumberedHandler(IArrivals arrivals) : IMessageHandler<Numbered>
{
    public Task HandleAsync(Numbered message, MessageContext context, CancellationToken cancellationToken)
    {
        arrivals.Entered(message.Number);
        return Task.CompletedTask;
    }
}
