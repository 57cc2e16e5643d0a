using ReliableQueue.Messages;
using ReliableQueue.Working.Lease;

namespace ReliableQueue.Working.Handle;

/// <summary>How messages of one wire name are read and handled on one queue.</summary>
internal abstract class HandlerRegistration(string messageType)
{
    public string MessageType { get; } = messageType;

    /// <summary>A task that was returned. A method that is not async may return null, and to await that tells nobody whose fault it is.</summary>
    protected Task Given(Task? task) => task ?? throw new InvalidOperationException($"The handler of '{MessageType}' returned null in the place of a task.");
}

/// <summary>Messages that are handled one by one.</summary>
internal abstract class MessageRegistration(string messageType) : HandlerRegistration(messageType)
{
    /// <summary>Reads the body and calls the handler. Throws <see cref="MessageUnreadableException"/>, before the task, when the body is not such a message.</summary>
    public abstract Task CallAsync(Delivery delivery, MiddlewareChain middleware, IServiceProvider services);
}

/// <summary>The typed form: the body is read by <paramref name="read"/>, the handler called by <paramref name="handle"/>.</summary>
internal sealed class HandlerRegistration<TMessage>(
    string messageType,
    Func<ReadOnlyMemory<byte>, TMessage> read,
    Func<IServiceProvider, TMessage, MessageContext, CancellationToken, Task> handle) : MessageRegistration(messageType)
{
    public override Task CallAsync(Delivery delivery, MiddlewareChain middleware, IServiceProvider services)
    {
        var message = read(delivery.Body);
        delivery.Hold.HandlerStarted();
        return middleware.IsEmpty
            ? Given(handle(services, message, delivery.Context, delivery.Hold.Token))
            : RunAsync(message, delivery, middleware, services);
    }

    // A method of its own: what the closure needs would otherwise be allocated for a queue without middleware, too.
    private Task RunAsync(TMessage message, Delivery delivery, MiddlewareChain middleware, IServiceProvider services) =>
        middleware.RunAsync(services, delivery.Context, token => Given(handle(services, message, delivery.Context, token)), delivery.Hold.Token);
}
