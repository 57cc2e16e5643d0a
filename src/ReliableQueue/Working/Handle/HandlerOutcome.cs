using ReliableQueue.Broker;
using ReliableQueue.Messages;
using ReliableQueue.Working.Lease;

namespace ReliableQueue.Working.Handle;

/// <summary>What came of one delivery, before anything is decided about it. A closed set.</summary>
internal abstract record HandlerOutcome
{
    private HandlerOutcome()
    {
    }

    /// <summary>What an exception says of a delivery that was to be handled.</summary>
    public static HandlerOutcome Of(Exception exception, Delivery delivery)
    {
        if (exception is MessageUnreadableException unreadable)
        {
            return unreadable.IsOfAnotherShape ? new OtherShape(exception.Message) : new Unreadable(exception.Message);
        }

        if (exception is OperationCanceledException && delivery.Hold.IsCancellationRequested)
        {
            // Only our own token makes a cancellation an interruption: an HttpClient that timed out throws the same exception and has failed.
            return delivery.CancellationReason == CancellationReason.Timeout
                ? new Failed(new TimeoutException("The handler ran past its time limit (HandlerTimeout).", exception))
                : Interrupted.Instance;
        }

        return SoleException.Of(exception) switch
        {
            RejectMessageException rejection => new Rejected(rejection),
            DeferMessageException deferral => new Deferred(deferral),
            _ => new Failed(exception),
        };
    }

    /// <summary>The handler returned.</summary>
    public sealed record Succeeded : HandlerOutcome
    {
        private Succeeded()
        {
        }

        public static Succeeded Instance { get; } = new();
    }

    /// <summary>The handler threw, or ran out of time (a <see cref="TimeoutException"/>). The exception is kept until it is decided how the delivery ends.</summary>
    public sealed record Failed(Exception Exception) : HandlerOutcome;

    /// <summary>The handler threw <see cref="RejectMessageException"/>.</summary>
    public sealed record Rejected(RejectMessageException Exception) : HandlerOutcome;

    /// <summary>The handler threw <see cref="DeferMessageException"/>: not now, and no failure.</summary>
    public sealed record Deferred(DeferMessageException Exception) : HandlerOutcome;

    /// <summary>The handler heeded its token, or was not called because the token had fired: not the message's fault.</summary>
    public sealed record Interrupted : HandlerOutcome
    {
        private Interrupted()
        {
        }

        public static Interrupted Instance { get; } = new();
    }

    /// <summary>The envelope or the body cannot be read by anybody.</summary>
    public sealed record Unreadable(string Error) : HandlerOutcome;

    /// <summary>The body is whole, but not of the shape its type has in this version of the application.</summary>
    public sealed record OtherShape(string Error) : HandlerOutcome;

    /// <summary>Only a newer version of this library can read the envelope.</summary>
    public sealed record Newer : HandlerOutcome
    {
        private Newer()
        {
        }

        public static Newer Instance { get; } = new();
    }

    /// <summary>No handler here for the type of the message.</summary>
    public sealed record UnknownType : HandlerOutcome
    {
        private UnknownType()
        {
        }

        public static UnknownType Instance { get; } = new();
    }

    /// <summary>This worker finished with the message in an earlier delivery, whatever the broker believes.</summary>
    public sealed record Remembered(Settlement Settlement) : HandlerOutcome;

    /// <summary>A handler of an earlier delivery still runs here.</summary>
    public sealed record StillRunningHere : HandlerOutcome
    {
        private StillRunningHere()
        {
        }

        public static StillRunningHere Instance { get; } = new();
    }
}
