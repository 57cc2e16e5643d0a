using ReliableQueue.Broker;
using ReliableQueue.Messages;

namespace ReliableQueue.State;

/// <summary>Something a worker must still know after it was killed, about one delivery.</summary>
internal abstract record StateRecord(StateScope Scope, HeldLease Lease, int Generation)
{
    /// <summary>Written before the broker is told. This message never runs here again, even if the broker forgets that it was dead-lettered.</summary>
    public sealed record Rejection(
        StateScope Scope,
        HeldLease Lease,
        int Generation,
        string Type,
        Settlement.DeadLetter Settlement,
        int DeliveryCount,
        DateTimeOffset RejectedAt,
        ReadOnlyMemory<byte> Envelope) : StateRecord(Scope, Lease, Generation);

    /// <summary>Written before the ack when completions are journalled. This message never runs here again, even if the ack is lost.</summary>
    public sealed record Completion(StateScope Scope, HeldLease Lease, int Generation) : StateRecord(Scope, Lease, Generation);

    /// <summary>A settlement the broker did not answer at the first attempt. Replayed in order with its old token; the token decides whether it still counts.</summary>
    public sealed record Unsent(StateScope Scope, HeldLease Lease, int Generation, Settlement Settlement) : StateRecord(Scope, Lease, Generation);
}
