using ReliableQueue.Messages;
using ReliableQueue.Working.Handle;

namespace ReliableQueue.Setup;

/// <summary>A handler that was asked for, before anything is checked.</summary>
internal abstract class HandlerPlan(string queue, Type messageType)
{
    public string Queue { get; } = queue;

    public Type MessageType { get; } = messageType;

    /// <summary>What is wrong with the message type; null when nothing is.</summary>
    public abstract string? FaultOf(MessageTypes types, IMessageSerializer serializer);

    /// <summary>Why the handler cannot be constructed, or its delegate not be called, each reason a sentence.</summary>
    public abstract IEnumerable<string> Lacks(MissingServices missing);

    public abstract HandlerRegistration Build(MessageTypes types, IMessageSerializer serializer, QueueOptions options);
}

/// <summary>How a message is handled, whatever its queue.</summary>
/// <param name="Handler">The class that handles; null when a delegate does.</param>
/// <param name="Services">What a delegate takes from the delivery's scope.</param>
/// <param name="Handle">Finds the handler in the scope and calls it.</param>
internal sealed record Handling<TMessage>(Type? Handler, IReadOnlyList<Type> Services, Func<IServiceProvider, TMessage, MessageContext, CancellationToken, Task> Handle);

/// <summary>The typed form.</summary>
internal abstract class HandlerPlan<TMessage>(string queue) : HandlerPlan(queue, typeof(TMessage))
{
    public sealed override string? FaultOf(MessageTypes types, IMessageSerializer serializer) => types.FaultOf(typeof(TMessage)) ?? serializer.FaultOf<TMessage>();
}

/// <summary>A handler of messages one by one.</summary>
internal sealed class MessagePlan<TMessage>(string queue, Handling<TMessage> handling) : HandlerPlan<TMessage>(queue)
{
    public override IEnumerable<string> Lacks(MissingServices missing) => handling.Handler is { } handler
        ? missing.OfHandler(handler)
        : handling.Services.SelectMany(service => missing.OfDelegate(typeof(TMessage), service));

    public override HandlerRegistration Build(MessageTypes types, IMessageSerializer serializer, QueueOptions options) =>
        new HandlerRegistration<TMessage>(types.NameOf(typeof(TMessage)), serializer.Read<TMessage>, handling.Handle);
}

/// <summary>A handler of batches, which is always a class: it is found in the scope of the batch by <paramref name="handle"/>.</summary>
internal sealed class BatchPlan<TMessage>(string queue, Type handler, Func<IServiceProvider, IReadOnlyList<BatchItem<TMessage>>, CancellationToken, Task> handle)
    : HandlerPlan<TMessage>(queue)
{
    public override IEnumerable<string> Lacks(MissingServices missing) => missing.OfHandler(handler);

    public override HandlerRegistration Build(MessageTypes types, IMessageSerializer serializer, QueueOptions options) => new BatchRegistration<TMessage>(
        types.NameOf(typeof(TMessage)), new BatchSettings(options.Batch.Size ?? options.Concurrency, options.Batch.Linger), serializer.Read<TMessage>, handle);
}
