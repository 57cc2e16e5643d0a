using ReliableQueue.Broker;

namespace ReliableQueue.State;

/// <summary>Something a worker must still know after it was killed, about one delivery.</summary>
/// <param name="Lease">The lease the message was delivered with.</param>
/// <param name="Generation">How often the message had been redriven. What is remembered of a message is remembered by id and generation, so a redriven one runs again.</param>
internal abstract record StateRecord(HeldLease Lease, int Generation)
{
    /// <summary>What the broker is told, as long as it has not answered.</summary>
    public abstract Settlement Settlement { get; }

    /// <summary>Written before the broker is told. The message in this generation never runs here again, even if the broker forgets that it was dead-lettered.</summary>
    public sealed record Rejection(HeldLease Lease, int Generation, Settlement.DeadLetter DeadLetter, string Type, int DeliveryCount, DateTimeOffset RejectedAt)
        : StateRecord(Lease, Generation)
    {
        /// <summary>The stored form of the message, byte for byte.</summary>
        public ReadOnlyMemory<byte> Envelope { get; init; }

        public override Settlement Settlement => DeadLetter;
    }

    /// <summary>Written before the ack when completions are journalled. The message in this generation never runs here again, even if the ack is lost.</summary>
    public sealed record Completion(HeldLease Lease, int Generation) : StateRecord(Lease, Generation)
    {
        public override Settlement Settlement => Settlement.Ack.Plain;
    }

    /// <summary>A settlement the broker did not answer at the first attempt. Replayed in order with its old token; the token decides whether it still counts.</summary>
    public sealed record Unsent(HeldLease Lease, int Generation, Settlement Unanswered) : StateRecord(Lease, Generation)
    {
        public override Settlement Settlement => Unanswered;
    }
}
