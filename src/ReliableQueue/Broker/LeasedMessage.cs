namespace ReliableQueue.Broker;

/// <summary>A message with the lease just given out for it.</summary>
/// <param name="Lease">Names the lease in renewals and settlements.</param>
/// <param name="Envelope">The stored form, byte for byte as enqueued.</param>
/// <param name="DeliveryCount">Leases so far, this one included: 1 the first time. Counted now, so a worker that dies has used one up.</param>
/// <param name="WorkerLosses">How many of its last deliveries in a row ended because the worker was lost. 2 or more make the message a suspect.</param>
public readonly record struct LeasedMessage(HeldLease Lease, ReadOnlyMemory<byte> Envelope, int DeliveryCount, int WorkerLosses);
