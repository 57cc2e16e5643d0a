using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;
using ReliableQueue.Broker;
using ReliableQueue.Messages;

namespace ReliableQueue;

/// <summary>
/// A stored message as an operator is shown it, decoded when it can be. It is a copy from when it was read; the message goes on. A test of code that uses
/// <see cref="IQueueOperator"/> makes its own: <c>new MessageView { State = MessageState.DeadLettered }</c>.
/// </summary>
public sealed record MessageView
{
    private static readonly JsonMessageSerializer Plain = new([], maxDepth: 64);

    /// <summary>The id of the message.</summary>
    public MessageId Id { get; init; }

    /// <summary>The state it was in when it was read.</summary>
    public MessageState State { get; init; }

    /// <summary>The name of its type on the wire (<see cref="MessageTypeAttribute"/>); null when the envelope cannot be read.</summary>
    public string? MessageType { get; init; }

    /// <summary>The headers it was enqueued with; none when the envelope cannot be read.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>The bytes of the message itself, JSON in UTF-8; empty when the envelope cannot be read. <see cref="ReadBody{TMessage}"/> makes a message of them.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The stored form, byte for byte, of which <see cref="Body"/> is the end: what is left to look at when it cannot be read.</summary>
    public ReadOnlyMemory<byte> Envelope { get; init; }

    /// <summary>Why the envelope cannot be read, for people: damaged, larger than this application allows, or of a newer version. Null when it was read.</summary>
    public string? UnreadableBecause { get; init; }

    /// <summary>When the producer enqueued it, by the producer's clock.</summary>
    public DateTimeOffset EnqueuedAt { get; init; }

    /// <summary>Deliveries so far, since it was enqueued or last redriven.</summary>
    public int DeliveryCount { get; init; }

    /// <summary>How many of its last deliveries in a row ended because the worker was lost. With 2 or more it is a suspect.</summary>
    public int WorkerLosses { get; init; }

    /// <summary>How often it was redriven.</summary>
    public int Generation { get; init; }

    /// <summary>When it is due, by the broker's clock; null unless it is scheduled.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>The run of the worker that holds it (<see cref="WorkerView.Session"/>); null unless it is leased.</summary>
    public string? Holder { get; init; }

    /// <summary>When its lease ends unless it is renewed, by the broker's clock; null unless it is leased.</summary>
    public DateTimeOffset? LeaseEndsAt { get; init; }

    /// <summary>Why it was dead-lettered; null unless it was.</summary>
    public DeadLetterReason? Reason { get; init; }

    /// <summary>Why its last delivery failed, or what a person should read about a dead letter; null when nothing is known.</summary>
    public string? Error { get; init; }

    /// <summary>When it was dead-lettered, by the broker's clock; null unless it was.</summary>
    public DateTimeOffset? DeadLetteredAt { get; init; }

    /// <summary>How the set reads bodies. Default, in a test: JSON by reflection.</summary>
    internal IMessageSerializer Serializer { get; init; } = Plain;

    /// <summary>
    /// Makes a message of the body, as the worker does before it calls a handler. The type need not be the one it was enqueued as: <c>JsonElement</c> shows any body.
    /// </summary>
    /// <typeparam name="TMessage">The type to read. In trimmed and native applications one of the JSON contexts of the set must know it.</typeparam>
    /// <exception cref="FormatException">The envelope cannot be read, or the body is no such message. The text names the place in the body, never its content.</exception>
    public TMessage ReadBody<TMessage>()
        where TMessage : notnull => TryRead<TMessage>(out var message, out var fault) ? message : throw new FormatException($"Message {Id}: {fault}");

    /// <summary>As <see cref="ReadBody{TMessage}"/>, for lists, which one bad message must not end.</summary>
    /// <typeparam name="TMessage">The type to read.</typeparam>
    /// <param name="message">The message, when the body is one.</param>
    /// <returns>Whether it is one.</returns>
    public bool TryReadBody<TMessage>([NotNullWhen(true)] out TMessage? message)
        where TMessage : notnull => TryRead(out message, out _);

    /// <summary>The view of what a broker keeps. Never throws: an envelope that cannot be read is shown as one.</summary>
    internal static MessageView Of(StoredMessage stored, MessageLimits limits, IMessageSerializer serializer)
    {
        var reading = EnvelopeCodec.Decode(stored.Envelope, limits);
        var isRead = reading.Fault is null;
        return new MessageView
        {
            Id = stored.Id,
            State = stored.State,
            MessageType = isRead ? reading.Envelope.Type : null,
            Headers = reading.Envelope.Headers,
            Body = reading.Envelope.Body,
            Envelope = stored.Envelope,
            UnreadableBecause = reading.Fault,
            EnqueuedAt = isRead ? reading.Envelope.EnqueuedAt : stored.Id.CreatedAt,
            DeliveryCount = stored.DeliveryCount,
            WorkerLosses = stored.WorkerLosses,
            Generation = stored.Generation,
            DueAt = stored.DueAt,
            Holder = stored.LeasedBy?.ToString(),
            LeaseEndsAt = stored.LeaseEndsAt,
            Reason = stored.DeadLetterReason,
            Error = stored.Error,
            DeadLetteredAt = stored.DeadLetteredAt,
            Serializer = serializer,
        };
    }

    /// <summary>What a log or a debugger prints: no body and no headers, which may hold personal data.</summary>
    public override string ToString() => $"{State} {MessageType ?? "unreadable message"} {Id}";

    private bool TryRead<TMessage>([NotNullWhen(true)] out TMessage? message, [NotNullWhen(false)] out string? fault)
        where TMessage : notnull
    {
        (message, fault) = (default, UnreadableBecause);
        if (fault is not null)
        {
            return false;
        }

        try
        {
            message = Serializer.Read<TMessage>(Body);
            return true;
        }
        catch (MessageUnreadableException exception)
        {
            fault = exception.Message;
            return false;
        }
    }
}
