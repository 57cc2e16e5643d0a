using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using ReliableQueue.Setup;

namespace ReliableQueue;

/// <content>Handlers: <c>AddHandler</c> names a class, <c>Handle</c> takes a delegate with services of the delivery's scope.</content>
public sealed partial class ReliableQueueBuilder
{
    /// <summary>Handles messages of one type on one queue by a class. A queue may have handlers of many types, one per type.</summary>
    /// <typeparam name="TMessage">The message type, marked with <see cref="MessageTypeAttribute"/>.</typeparam>
    /// <typeparam name="THandler">The handler, taken from a scope of its own for every delivery; registered as transient unless it is already.</typeparam>
    /// <param name="queue">The queue.</param>
    /// <param name="configure">Sets the queue's options, after the configuration was bound. Default: nothing.</param>
    public ReliableQueueBuilder AddHandler<TMessage, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(
        string queue, Action<QueueOptions>? configure = null)
        where THandler : class, IMessageHandler<TMessage>
    {
        Services.TryAddTransient<THandler>();
        return Add<TMessage>(queue, static (services, message, context, token) => services.GetRequiredService<THandler>().HandleAsync(message, context, token), configure);
    }

    /// <summary>Handles messages of one type on one queue by a delegate with nothing else: returning acks, throwing retries, as in <see cref="IMessageHandler{TMessage}"/>.</summary>
    /// <typeparam name="TMessage">The message type, marked with <see cref="MessageTypeAttribute"/>.</typeparam>
    /// <param name="queue">The queue.</param>
    /// <param name="handler">The handler.</param>
    /// <param name="configure">Sets the queue's options, after the configuration was bound. Default: nothing.</param>
    public ReliableQueueBuilder Handle<TMessage>(
        string queue, Func<TMessage, MessageContext, CancellationToken, Task> handler, Action<QueueOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Add<TMessage>(queue, (_, message, context, token) => handler(message, context, token), configure);
    }

    /// <summary>Handles messages of one type on one queue by a delegate with one service: returning acks, throwing retries, as in <see cref="IMessageHandler{TMessage}"/>.</summary>
    /// <typeparam name="TMessage">The message type, marked with <see cref="MessageTypeAttribute"/>.</typeparam>
    /// <typeparam name="TService">A service from the delivery's scope.</typeparam>
    /// <param name="queue">The queue.</param>
    /// <param name="handler">The handler.</param>
    /// <param name="configure">Sets the queue's options, after the configuration was bound. Default: nothing.</param>
    public ReliableQueueBuilder Handle<TMessage, TService>(
        string queue, Func<TMessage, TService, MessageContext, CancellationToken, Task> handler, Action<QueueOptions>? configure = null)
        where TService : notnull
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Add<TMessage>(
            queue,
            (services, message, context, token) =>
                handler(message, services.GetRequiredService<TService>(), context, token),
            configure);
    }

    /// <summary>Handles messages of one type on one queue by a delegate with two services: returning acks, throwing retries, as in <see cref="IMessageHandler{TMessage}"/>.</summary>
    /// <typeparam name="TMessage">The message type, marked with <see cref="MessageTypeAttribute"/>.</typeparam>
    /// <typeparam name="TService1">A service from the delivery's scope.</typeparam>
    /// <typeparam name="TService2">A service from the delivery's scope.</typeparam>
    /// <param name="queue">The queue.</param>
    /// <param name="handler">The handler.</param>
    /// <param name="configure">Sets the queue's options, after the configuration was bound. Default: nothing.</param>
    public ReliableQueueBuilder Handle<TMessage, TService1, TService2>(
        string queue, Func<TMessage, TService1, TService2, MessageContext, CancellationToken, Task> handler, Action<QueueOptions>? configure = null)
        where TService1 : notnull
        where TService2 : notnull
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Add<TMessage>(
            queue,
            (services, message, context, token) =>
                handler(message, services.GetRequiredService<TService1>(), services.GetRequiredService<TService2>(), context, token),
            configure);
    }

    /// <summary>Handles messages of one type on one queue by a delegate with three services: returning acks, throwing retries, as in <see cref="IMessageHandler{TMessage}"/>.</summary>
    /// <typeparam name="TMessage">The message type, marked with <see cref="MessageTypeAttribute"/>.</typeparam>
    /// <typeparam name="TService1">A service from the delivery's scope.</typeparam>
    /// <typeparam name="TService2">A service from the delivery's scope.</typeparam>
    /// <typeparam name="TService3">A service from the delivery's scope.</typeparam>
    /// <param name="queue">The queue.</param>
    /// <param name="handler">The handler.</param>
    /// <param name="configure">Sets the queue's options, after the configuration was bound. Default: nothing.</param>
    public ReliableQueueBuilder Handle<TMessage, TService1, TService2, TService3>(
        string queue, Func<TMessage, TService1, TService2, TService3, MessageContext, CancellationToken, Task> handler, Action<QueueOptions>? configure = null)
        where TService1 : notnull
        where TService2 : notnull
        where TService3 : notnull
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Add<TMessage>(
            queue,
            (services, message, context, token) =>
                handler(message, services.GetRequiredService<TService1>(), services.GetRequiredService<TService2>(), services.GetRequiredService<TService3>(), context, token),
            configure);
    }

    private ReliableQueueBuilder Add<TMessage>(
        string queue, Func<IServiceProvider, TMessage, MessageContext, CancellationToken, Task> handle, Action<QueueOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(queue);
        set.AddHandler(new HandlerPlan<TMessage>(queue, handle), configure);
        return this;
    }
}
