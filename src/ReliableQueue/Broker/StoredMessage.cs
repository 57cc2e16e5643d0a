using System.Diagnostics.CodeAnalysis;

namespace ReliableQueue.Broker;

/// <summary>A message as the broker keeps it, for an operator to look at. Reading it leases nothing and counts nothing.</summary>
/// <param name="Id">The message.</param>
/// <param name="Envelope">The stored form, byte for byte as enqueued.</param>
/// <param name="State">The state it was in when it was read.</param>
/// <param name="DeliveryCount">Leases so far, since it was enqueued or last redriven.</param>
[Experimental("RQ001")]
public sealed record StoredMessage(MessageId Id, ReadOnlyMemory<byte> Envelope, MessageState State, int DeliveryCount)
{
    /// <summary>How many of its last deliveries in a row ended because the worker was lost.</summary>
    public int WorkerLosses { get; init; }

    /// <summary>How often an operator redrove it.</summary>
    public int Generation { get; init; }

    /// <summary>What it was enqueued with; null: none.</summary>
    public MessageTerms? Terms { get; init; }

    /// <summary>When it is due, by the broker's clock; null unless it is scheduled.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>The session that holds its lease; null unless it is leased.</summary>
    public SessionId? LeasedBy { get; init; }

    /// <summary>When its lease ends unless it is renewed, by the broker's clock; null unless it is leased.</summary>
    public DateTimeOffset? LeaseEndsAt { get; init; }

    /// <summary>Why it was dead-lettered; null unless it was.</summary>
    public DeadLetterReason? DeadLetterReason { get; init; }

    /// <summary>Why its last delivery failed, or what a person should read about a dead letter; null when nothing is known.</summary>
    public string? Error { get; init; }

    /// <summary>When it was dead-lettered, by the broker's clock; null unless it was.</summary>
    public DateTimeOffset? DeadLetteredAt { get; init; }
}

/// <summary>The state of a message: it is in exactly one.</summary>
public enum MessageState
{
    /// <summary>Waiting for a worker, redelivered ones included.</summary>
    Ready,

    /// <summary>Waiting until it is due.</summary>
    Scheduled,

    /// <summary>With a worker.</summary>
    Leased,

    /// <summary>Kept, never delivered.</summary>
    DeadLettered,
}

/// <summary>Asks for one page of the messages of a state.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="State">The state.</param>
/// <param name="Cursor">
/// <see cref="BrowseReply.NextCursor"/> of the page before; null for the first. Only the broker that made it can read it, for the same queue and state; any other text is an
/// <see cref="ArgumentException"/>.
/// </param>
/// <param name="Take">1 to <see cref="BrokerLimits.BatchSize"/>.</param>
[Experimental("RQ001")]
public sealed record BrowseRequest(QueueName Queue, MessageState State, string? Cursor, int Take);

/// <summary>One page of messages.</summary>
/// <param name="Messages">The messages; fewer than asked for, even none, when some of them changed their state meanwhile.</param>
/// <param name="NextCursor">Where the next page begins; null: this was the last.</param>
[Experimental("RQ001")]
public sealed record BrowseReply(IReadOnlyList<StoredMessage> Messages, string? NextCursor);

/// <summary>Asks for one message.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Id">The message.</param>
[Experimental("RQ001")]
public sealed record FindRequest(QueueName Queue, MessageId Id);

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
