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

    public abstract HandlerRegistration Build(MessageTypes types, IMessageSerializer serializer);
}

/// <summary>The typed form: <paramref name="handle"/> finds the handler in the delivery's scope and calls it.</summary>
internal sealed class HandlerPlan<TMessage>(string queue, Func<IServiceProvider, TMessage, MessageContext, CancellationToken, Task> handle)
    : HandlerPlan(queue, typeof(TMessage))
{
    public override string? FaultOf(MessageTypes types, IMessageSerializer serializer) => types.FaultOf(typeof(TMessage)) ?? serializer.FaultOf<TMessage>();

    public override HandlerRegistration Build(MessageTypes types, IMessageSerializer serializer) =>
        new HandlerRegistration<TMessage>(types.NameOf(typeof(TMessage)), serializer.Read<TMessage>, handle);
}
