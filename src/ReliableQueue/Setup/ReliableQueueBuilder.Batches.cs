using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using ReliableQueue.Setup;

namespace ReliableQueue;

/// <content>Handlers of several messages at once.</content>
public sealed partial class ReliableQueueBuilder
{
    /// <summary>Handles messages of one type on one queue several at a time, as <see cref="QueueOptions.Batch"/> says.</summary>
    /// <typeparam name="TMessage">The message type, marked with <see cref="MessageTypeAttribute"/>.</typeparam>
    /// <typeparam name="THandler">The handler, taken from a scope of its own for every batch; registered as transient unless it is already.</typeparam>
    /// <param name="queue">The queue.</param>
    /// <param name="configure">Sets the queue's options, after the configuration was bound. Default: nothing.</param>
    public ReliableQueueBuilder AddBatchHandler<TMessage, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(string queue, Action<QueueOptions>? configure = null)
        where THandler : class, IBatchHandler<TMessage> =>
        AddBatchClass<TMessage, THandler>(Checked(queue), configure);

    /// <summary>Handles messages of one type several at a time on the queue that the type names (<see cref="MessageTypeAttribute.Queue"/>).</summary>
    /// <typeparam name="TMessage">The message type, marked with <see cref="MessageTypeAttribute"/>.</typeparam>
    /// <typeparam name="THandler">The handler, taken from a scope of its own for every batch; registered as transient unless it is already.</typeparam>
    /// <param name="configure">Sets the queue's options, after the configuration was bound. Default: nothing.</param>
    public ReliableQueueBuilder AddBatchHandler<TMessage, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(Action<QueueOptions>? configure = null)
        where THandler : class, IBatchHandler<TMessage> =>
        AddBatchClass<TMessage, THandler>(MessageTypeAttribute.QueueOf(typeof(TMessage)), configure);

    private ReliableQueueBuilder AddBatchClass<TMessage, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(string? queue, Action<QueueOptions>? configure)
        where THandler : class, IBatchHandler<TMessage>
    {
        Services.TryAddTransient<THandler>();
        return Add<TMessage>(
            queue,
            static named => new BatchPlan<TMessage>(named, typeof(THandler), static (services, batch, token) => services.GetRequiredService<THandler>().HandleAsync(batch, token)),
            configure);
    }
}
