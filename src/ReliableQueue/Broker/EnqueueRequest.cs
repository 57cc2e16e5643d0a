using System.Diagnostics.CodeAnalysis;

namespace ReliableQueue.Broker;

/// <summary>One stamped call that stores messages: all of them or none.</summary>
/// <param name="Queue">The queue; it exists from its first message on.</param>
/// <param name="Call">What makes it safe to repeat.</param>
/// <param name="Messages">1 to <see cref="BrokerLimits.BatchSize"/> messages, delivered in this order as far as order holds.</param>
[Experimental("RQ001")]
public sealed record EnqueueRequest(QueueName Queue, CallStamp Call, IReadOnlyList<NewMessage> Messages);

/// <summary>A message on its way into a queue.</summary>
/// <param name="Id">Its id, new for every message.</param>
/// <param name="Envelope">Its stored form. A broker keeps these bytes and never looks inside.</param>
[Experimental("RQ001")]
public readonly record struct NewMessage(MessageId Id, ReadOnlyMemory<byte> Envelope)
{
    /// <summary>The facts of the message that the broker acts on. Default: null, none; <see cref="MessageTerms.None"/> is taken as null, so a plain message costs nothing.</summary>
    public MessageTerms? Terms { get; init => field = value == MessageTerms.None ? null : value; }
}

/// <summary>The answer to an <see cref="EnqueueRequest"/>.</summary>
/// <param name="Answer">What was done with the call.</param>
/// <param name="Results">
/// One result per message, in the order asked, or empty: all were stored. The repetition of a call answers the same results. Empty as well when nothing was done
/// (<see cref="CallStanding.Already"/>).
/// </param>
[Experimental("RQ001")]
public sealed record EnqueueReply(CallAnswer Answer, IReadOnlyList<EnqueueResult> Results);

/// <summary>What became of one message of an <see cref="EnqueueRequest"/>: exactly one of <see cref="Stored"/> and <see cref="Duplicate"/>.</summary>
[Experimental("RQ001")]
public abstract record EnqueueResult
{
    private EnqueueResult()
    {
    }

    /// <summary>The message is in the queue.</summary>
    public sealed record Stored : EnqueueResult
    {
        private Stored()
        {
        }

        /// <summary>The one instance.</summary>
        public static Stored Instance { get; } = new();
    }

    /// <summary>The message was not stored, because its terms forbid a second one and another message was there already.</summary>
    /// <param name="Existing">The message that was there.</param>
    public sealed record Duplicate(MessageId Existing) : EnqueueResult;
}
