namespace ReliableQueue.FaultWorker;

/// <summary>Leaves the lines that say it was handled.</summary>
internal sealed class NextOrderHandler(EffectLog effects) : IMessageHandler<NextOrder>
{
    public Task HandleAsync(NextOrder message, MessageContext context, CancellationToken cancellationToken)
    {
        effects.Write(EffectKind.Start, context, message.Number);
        effects.Write(EffectKind.End, context, message.Number);
        return Task.CompletedTask;
    }
}
