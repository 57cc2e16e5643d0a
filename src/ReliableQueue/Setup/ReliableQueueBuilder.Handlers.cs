using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using ReliableQueue.Setup;

namespace ReliableQueue;

/// <content>
/// Handlers: <c>AddHandler</c> names a class, <c>Handle</c> takes a delegate with services of the delivery's scope. Without a queue they handle the one that the message type
/// names (<see cref="MessageTypeAttribute.Queue"/>).
/// </content>
public sealed partial class ReliableQueueBuilder
{
    /// <summary>Handles messages of one type on one queue by a class. A queue may have handlers of many types, one per type.</summary>
    /// <typeparam name="TMessage">The message type, marked with <see cref="MessageTypeAttribute"/>.</typeparam>
    /// <typeparam name="THandler">The handler, taken from a scope of its own for every delivery; registered as transient unless it is already.</typeparam>
    /// <param name="queue">The queue.</param>
    /// <param name="configure">Sets the queue's options, after the configuration was bound. Default: nothing.</param>
    public ReliableQueueBuilder AddHandler<TMessage, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(string queue, Action<QueueOptions>? configure = null)
        where THandler : class, IMessageHandler<TMessage> =>
        AddClass<TMessage, THandler>(Checked(queue), configure);

    /// <summary>Handles messages of one type on one queue by a delegate with nothing else: returning acks, throwing retries, as in <see cref="IMessageHandler{TMessage}"/>.</summary>
    /// <typeparam name="TMessage">The message type, marked with <see cref="MessageTypeAttribute"/>.</typeparam>
    /// <param name="queue">The queue.</param>
    /// <param name="handler">The handler.</param>
    /// <param name="configure">Sets the queue's options, after the configuration was bound. Default: nothing.</param>
    public ReliableQueueBuilder Handle<TMessage>(
        string queue, Func<TMessage, MessageContext, CancellationToken, Task> handler, Action<QueueOptions>? configure = null) =>
        Add(Checked(queue), With(handler), configure);

    /// <summary>Handles messages of one type on one queue by a delegate with one service: returning acks, throwing retries, as in <see cref="IMessageHandler{TMessage}"/>.</summary>
    /// <typeparam name="TMessage">The message type, marked with <see cref="MessageTypeAttribute"/>.</typeparam>
    /// <typeparam name="TService">A service from the delivery's scope.</typeparam>
    /// <param name="queue">The queue.</param>
    /// <param name="handler">The handler.</param>
    /// <param name="configure">Sets the queue's options, after the configuration was bound. Default: nothing.</param>
    public ReliableQueueBuilder Handle<TMessage, TService>(
        string queue, Func<TMessage, TService, MessageContext, CancellationToken, Task> handler, Action<QueueOptions>? configure = null)
        where TService : notnull =>
        Add(Checked(queue), With(handler), configure);

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
        where TService2 : notnull =>
        Add(Checked(queue), With(handler), configure);

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
        where TService3 : notnull =>
        Add(Checked(queue), With(handler), configure);

    /// <summary>Handles messages of one type on the queue that the type names by a class.</summary>
    /// <typeparam name="TMessage">The message type, marked with <see cref="MessageTypeAttribute"/>; that it names a queue is checked at start.</typeparam>
    /// <typeparam name="THandler">The handler, taken from a scope of its own for every delivery; registered as transient unless it is already.</typeparam>
    /// <param name="configure">Sets the queue's options, after the configuration was bound. Default: nothing.</param>
    public ReliableQueueBuilder AddHandler<TMessage, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(Action<QueueOptions>? configure = null)
        where THandler : class, IMessageHandler<TMessage> =>
        AddClass<TMessage, THandler>(MessageTypeAttribute.QueueOf(typeof(TMessage)), configure);

    /// <summary>Handles messages of one type on the queue that the type names by a delegate with nothing else: returning acks, throwing retries, as in <see cref="IMessageHandler{TMessage}"/>.</summary>
    /// <typeparam name="TMessage">The message type, marked with <see cref="MessageTypeAttribute"/>; that it names a queue is checked at start.</typeparam>
    /// <param name="handler">The handler.</param>
    /// <param name="configure">Sets the queue's options, after the configuration was bound. Default: nothing.</param>
    public ReliableQueueBuilder Handle<TMessage>(Func<TMessage, MessageContext, CancellationToken, Task> handler, Action<QueueOptions>? configure = null) =>
        Add(MessageTypeAttribute.QueueOf(typeof(TMessage)), With(handler), configure);

    /// <summary>Handles messages of one type on the queue that the type names by a delegate with one service: returning acks, throwing retries, as in <see cref="IMessageHandler{TMessage}"/>.</summary>
    /// <typeparam name="TMessage">The message type, marked with <see cref="MessageTypeAttribute"/>; that it names a queue is checked at start.</typeparam>
    /// <typeparam name="TService">A service from the delivery's scope.</typeparam>
    /// <param name="handler">The handler.</param>
    /// <param name="configure">Sets the queue's options, after the configuration was bound. Default: nothing.</param>
    public ReliableQueueBuilder Handle<TMessage, TService>(
        Func<TMessage, TService, MessageContext, CancellationToken, Task> handler, Action<QueueOptions>? configure = null)
        where TService : notnull =>
        Add(MessageTypeAttribute.QueueOf(typeof(TMessage)), With(handler), configure);

    /// <summary>Handles messages of one type on the queue that the type names by a delegate with two services: returning acks, throwing retries, as in <see cref="IMessageHandler{TMessage}"/>.</summary>
    /// <typeparam name="TMessage">The message type, marked with <see cref="MessageTypeAttribute"/>; that it names a queue is checked at start.</typeparam>
    /// <typeparam name="TService1">A service from the delivery's scope.</typeparam>
    /// <typeparam name="TService2">A service from the delivery's scope.</typeparam>
    /// <param name="handler">The handler.</param>
    /// <param name="configure">Sets the queue's options, after the configuration was bound. Default: nothing.</param>
    public ReliableQueueBuilder Handle<TMessage, TService1, TService2>(
        Func<TMessage, TService1, TService2, MessageContext, CancellationToken, Task> handler, Action<QueueOptions>? configure = null)
        where TService1 : notnull
        where TService2 : notnull =>
        Add(MessageTypeAttribute.QueueOf(typeof(TMessage)), With(handler), configure);

    /// <summary>Handles messages of one type on the queue that the type names by a delegate with three services: returning acks, throwing retries, as in <see cref="IMessageHandler{TMessage}"/>.</summary>
    /// <typeparam name="TMessage">The message type, marked with <see cref="MessageTypeAttribute"/>; that it names a queue is checked at start.</typeparam>
    /// <typeparam name="TService1">A service from the delivery's scope.</typeparam>
    /// <typeparam name="TService2">A service from the delivery's scope.</typeparam>
    /// <typeparam name="TService3">A service from the delivery's scope.</typeparam>
    /// <param name="handler">The handler.</param>
    /// <param name="configure">Sets the queue's options, after the configuration was bound. Default: nothing.</param>
    public ReliableQueueBuilder Handle<TMessage, TService1, TService2, TService3>(
        Func<TMessage, TService1, TService2, TService3, MessageContext, CancellationToken, Task> handler, Action<QueueOptions>? configure = null)
        where TService1 : notnull
        where TService2 : notnull
        where TService3 : notnull =>
        Add(MessageTypeAttribute.QueueOf(typeof(TMessage)), With(handler), configure);

    private static string Checked(string queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        return queue;
    }

    private static Handling<TMessage> With<TMessage>(Func<TMessage, MessageContext, CancellationToken, Task> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return new Handling<TMessage>(null, [], (_, message, context, token) => handler(message, context, token));
    }

    private static Handling<TMessage> With<TMessage, TService>(Func<TMessage, TService, MessageContext, CancellationToken, Task> handler)
        where TService : notnull
    {
        ArgumentNullException.ThrowIfNull(handler);
        return new Handling<TMessage>(
            null,
            [typeof(TService)],
            (services, message, context, token) =>
                handler(message, services.GetRequiredService<TService>(), context, token));
    }

    private static Handling<TMessage> With<TMessage, TService1, TService2>(Func<TMessage, TService1, TService2, MessageContext, CancellationToken, Task> handler)
        where TService1 : notnull
        where TService2 : notnull
    {
        ArgumentNullException.ThrowIfNull(handler);
        return new Handling<TMessage>(
            null,
            [typeof(TService1), typeof(TService2)],
            (services, message, context, token) =>
                handler(message, services.GetRequiredService<TService1>(), services.GetRequiredService<TService2>(), context, token));
    }

    private static Handling<TMessage> With<TMessage, TService1, TService2, TService3>(Func<TMessage, TService1, TService2, TService3, MessageContext, CancellationToken, Task> handler)
        where TService1 : notnull
        where TService2 : notnull
        where TService3 : notnull
    {
        ArgumentNullException.ThrowIfNull(handler);
        return new Handling<TMessage>(
            null,
            [typeof(TService1), typeof(TService2), typeof(TService3)],
            (services, message, context, token) =>
                handler(message, services.GetRequiredService<TService1>(), services.GetRequiredService<TService2>(), services.GetRequiredService<TService3>(), context, token));
    }

    private ReliableQueueBuilder AddClass<TMessage, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(string? queue, Action<QueueOptions>? configure)
        where THandler : class, IMessageHandler<TMessage>
    {
        Services.TryAddTransient<THandler>();
        return Add(
            queue,
            new Handling<TMessage>(typeof(THandler), [], static (services, message, context, token) => services.GetRequiredService<THandler>().HandleAsync(message, context, token)),
            configure);
    }

    private ReliableQueueBuilder Add<TMessage>(string? queue, Handling<TMessage> handling, Action<QueueOptions>? configure) =>
        Add<TMessage>(queue, named => new MessagePlan<TMessage>(named, handling), configure);

    private ReliableQueueBuilder Add<TMessage>(string? queue, Func<string, HandlerPlan> plan, Action<QueueOptions>? configure)
    {
        set.AddHandler<TMessage>(queue, plan, configure);
        return this;
    }
}
