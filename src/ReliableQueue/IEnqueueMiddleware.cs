using System.Collections.ObjectModel;

namespace ReliableQueue;

/// <summary>
/// Adds headers to the messages that the application enqueues: a tenant, a culture, the id of a request. Registered by <c>UseOnEnqueue</c> on the builder; called in the order of
/// registration, once for each call of <see cref="IQueueClient"/>, on the caller's thread and in its context, before anything is encoded. Called for many callers at once.
/// </summary>
public interface IEnqueueMiddleware
{
    /// <summary>Sees one call and may add headers to its messages. What it throws goes to the caller, and nothing is enqueued.</summary>
    /// <param name="context">What is being enqueued.</param>
    void OnEnqueue(EnqueueContext context);
}

/// <summary>What a call of <see cref="IQueueClient"/> is about to enqueue.</summary>
/// <param name="queue">The queue.</param>
/// <param name="messageType">The name of the message type on the wire.</param>
/// <param name="headers">The headers that the caller set. Default: none.</param>
public sealed class EnqueueContext(string queue, string messageType, IReadOnlyDictionary<string, string>? headers = null)
{
    private Dictionary<string, string>? added;

    /// <summary>The queue.</summary>
    public string Queue { get; } = queue;

    /// <summary>The name of the message type on the wire (<see cref="MessageTypeAttribute"/>).</summary>
    public string MessageType { get; } = messageType;

    /// <summary>The headers so far: the caller's, and those added.</summary>
    public IReadOnlyDictionary<string, string> Headers => added ?? headers ?? ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Adds a header. One that the caller, or a middleware before, has set stays as it is.</summary>
    /// <param name="name">Its name; the limits of headers hold for it as for those of the caller.</param>
    /// <param name="value">Its value.</param>
    /// <returns>Whether it was added.</returns>
    public bool TryAddHeader(string name, string value)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(value);
        added ??= new Dictionary<string, string>(Headers, StringComparer.Ordinal);
        return added.TryAdd(name, value);
    }
}
