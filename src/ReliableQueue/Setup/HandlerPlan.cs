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
