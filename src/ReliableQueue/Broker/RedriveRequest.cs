using System.Diagnostics.CodeAnalysis;

namespace ReliableQueue.Broker;

/// <summary>Puts dead letters back to ready.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Ids">1 to <see cref="BrokerLimits.BatchSize"/> ids, each once.</param>
[Experimental("RQ001")]
public sealed record RedriveRequest(QueueName Queue, IReadOnlyList<MessageId> Ids);

/// <summary>The answer to a <see cref="RedriveRequest"/>.</summary>
/// <param name="Results">One result per id, in the order asked.</param>
[Experimental("RQ001")]
public sealed record RedriveReply(IReadOnlyList<RedriveResult> Results);

/// <summary>What became of one id of a <see cref="RedriveRequest"/>.</summary>
[Experimental("RQ001")]
public enum RedriveResult
{
    /// <summary>No dead letter has this id.</summary>
    NotThere,

    /// <summary>The message is ready.</summary>
    Redriven,
}

/// <summary>Deletes messages.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Ids">1 to <see cref="BrokerLimits.BatchSize"/> ids, each once.</param>
[Experimental("RQ001")]
public sealed record DeleteRequest(QueueName Queue, IReadOnlyList<MessageId> Ids);

/// <summary>The answer to a <see cref="DeleteRequest"/>.</summary>
/// <param name="Results">One result per id, in the order asked.</param>
[Experimental("RQ001")]
public sealed record DeleteReply(IReadOnlyList<DeleteResult> Results);

/// <summary>What became of one id of a <see cref="DeleteRequest"/>.</summary>
[Experimental("RQ001")]
public enum DeleteResult
{
    /// <summary>No message of the queue has this id.</summary>
    NotThere,

    /// <summary>The message is gone.</summary>
    Deleted,
}

/// <summary>Deletes messages of one state.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="State">The state.</param>
/// <param name="Most">1 to <see cref="BrokerLimits.BatchSize"/>.</param>
[Experimental("RQ001")]
public sealed record PurgeRequest(QueueName Queue, MessageState State, int Most);

/// <summary>The answer to a <see cref="PurgeRequest"/>.</summary>
/// <param name="Purged">How many messages this call deleted.</param>
/// <param name="IsComplete">Whether none of that state is left. False: call again.</param>
[Experimental("RQ001")]
public sealed record PurgeReply(int Purged, bool IsComplete);
