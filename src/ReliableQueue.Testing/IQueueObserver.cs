using System.Diagnostics.CodeAnalysis;
using ReliableQueue.Broker;

namespace ReliableQueue.Testing;

/// <summary>Is told of every change of a queue in the step that makes it, under the broker's lock: it returns at once and calls no broker.</summary>
[Experimental("RQ001")]
public interface IQueueObserver
{
    /// <summary>A message was stored.</summary>
    /// <param name="message">The message.</param>
    void Stored(QueuedMessage message);

    /// <summary>A session asked for messages, whether or not any were given.</summary>
    /// <param name="session">The session.</param>
    void Asked(SessionId session);

    /// <summary>A lease was given out.</summary>
    /// <param name="leased">The message with its lease.</param>
    void Leased(LeasedMessage leased);

    /// <summary>A lease was extended.</summary>
    /// <param name="message">The message.</param>
    void Renewed(QueuedMessage message);

    /// <summary>A delivery was settled.</summary>
    /// <param name="lease">The lease that was presented.</param>
    /// <param name="settlement">How it ended.</param>
    void Settled(HeldLease lease, Settlement settlement);

    /// <summary>A worker was lost, and its message is ready again or dead-lettered.</summary>
    /// <param name="message">The message.</param>
    /// <param name="loss">How the loss was noticed.</param>
    void Lost(QueuedMessage message, WorkerLossKind loss);

    /// <summary>A session was returned and fenced.</summary>
    /// <param name="session">The session.</param>
    void Returned(SessionId session);
}

/// <summary>How the loss of a worker was noticed.</summary>
[Experimental("RQ001")]
public enum WorkerLossKind
{
    /// <summary>The lease ran out.</summary>
    Reclaimed,

    /// <summary>The session was returned by its successor.</summary>
    Returned,
}
