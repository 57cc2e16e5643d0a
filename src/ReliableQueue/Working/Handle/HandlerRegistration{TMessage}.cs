namespace ReliableQueue.Working.Handle;

/// <summary>The typed form: the body is read by <paramref name="read"/>, the handler called by <paramref name="handle"/>.</summary>
internal sealed class HandlerRegistration<TMessage>(
    string messageType,
    Func<ReadOnlyMemory<byte>, TMessage> read,
    Func<IServiceProvider, TMessage, MessageContext, CancellationToken, Task> handle) : HandlerRegistration(messageType)
{
    public override Func<IServiceProvider, MessageContext, CancellationToken, Task> Read(ReadOnlyMemory<byte> body)
    {
        var message = read(body);
        return (services, context, cancellationToken) => handle(services, message, context, cancellationToken);
    }
}
