using ReliableQueue.Broker;

namespace ReliableQueue.Producing;

/// <summary>How waiting ended and the broker's last fault, which goes into the exception.</summary>
internal readonly record struct EnqueueOutcome(EnqueueVerdict Verdict, BrokerException? Fault = null);
