using ReliableQueue.Messages;
using ReliableQueue.Working.Handle;

namespace ReliableQueue.Setup;

/// <summary>The typed form: <paramref name="handle"/> finds the handler in the delivery's scope and calls it.</summary>
internal sealed class HandlerPlan<TMessage>(string queue, Func<IServiceProvider, TMessage, MessageContext, CancellationToken, Task> handle)
    : HandlerPlan(queue, typeof(TMessage))
{
    public override string? FaultOf(MessageTypes types, IMessageSerializer serializer) => types.FaultOf(typeof(TMessage)) ?? serializer.FaultOf<TMessage>();

    public override HandlerRegistration Build(MessageTypes types, IMessageSerializer serializer) =>
        new HandlerRegistration<TMessage>(types.NameOf(typeof(TMessage)), serializer.Read<TMessage>, handle);
}
