using ReliableQueue.Messages;
using ReliableQueue.Working.Handle;

namespace ReliableQueue.Setup;

/// <summary>A handler that was asked for, before anything is checked.</summary>
internal abstract class HandlerPlan(string queue, Type messageType, IReadOnlyList<Type> needs)
{
    public string Queue { get; } = queue;

    public Type MessageType { get; } = messageType;

    /// <summary>What is taken from the delivery's scope to handle a message: the handler's class, or the services of a delegate.</summary>
    public IReadOnlyList<Type> Needs { get; } = needs;

    /// <summary>What is wrong with the message type; null when nothing is.</summary>
    public abstract string? FaultOf(MessageTypes types, IMessageSerializer serializer);

    public abstract HandlerRegistration Build(MessageTypes types, IMessageSerializer serializer);
}

/// <summary>How a message is handled, whatever its queue.</summary>
/// <param name="Needs">What <paramref name="Handle"/> takes from the delivery's scope.</param>
/// <param name="Handle">Finds the handler in the scope and calls it.</param>
internal sealed record Handling<TMessage>(IReadOnlyList<Type> Needs, Func<IServiceProvider, TMessage, MessageContext, CancellationToken, Task> Handle);

/// <summary>The typed form.</summary>
internal sealed class HandlerPlan<TMessage>(string queue, Handling<TMessage> handling) : HandlerPlan(queue, typeof(TMessage), handling.Needs)
{
    public override string? FaultOf(MessageTypes types, IMessageSerializer serializer) => types.FaultOf(typeof(TMessage)) ?? serializer.FaultOf<TMessage>();

    public override HandlerRegistration Build(MessageTypes types, IMessageSerializer serializer) =>
        new HandlerRegistration<TMessage>(types.NameOf(typeof(TMessage)), serializer.Read<TMessage>, handling.Handle);
}
