using ReliableQueue.Broker;

namespace ReliableQueue.Working.Lease;

/// <summary>The broker does not answer: since when, as a timestamp of the clock, and what it last failed with.</summary>
internal sealed record Outage(long Since, BrokerException Fault);
