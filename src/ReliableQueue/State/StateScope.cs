using ReliableQueue.Broker;

namespace ReliableQueue.State;

/// <summary>What a record of the state file is about: one queue on one broker (<see cref="BrokerInfo.Identity"/>).</summary>
internal sealed record StateScope(string Broker, QueueName Queue);
