namespace ReliableQueue.Broker;

/// <summary>Why a message is in the dead letters. The numbers are stored: they are never reused.</summary>
public enum DeadLetterReason
{
    /// <summary>Unused, so that a stored zero is seen to be no reason.</summary>
    None = 0,

    /// <summary>Its handler threw <c>RejectMessageException</c>.</summary>
    Rejected = 1,

    /// <summary>It was delivered as often as the queue allows.</summary>
    DeliveryLimit = 2,

    /// <summary>Its envelope or body cannot be read.</summary>
    Unreadable = 3,

    /// <summary>No worker knew its type for as long as the queue parks such messages.</summary>
    UnknownType = 4,
}
