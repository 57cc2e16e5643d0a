using ReliableQueue.Broker;

namespace ReliableQueue.Setup;

/// <summary>A broker that was chosen: how to open it, and what to ask before.</summary>
internal sealed record QueueSetBroker(Func<IServiceProvider, IQueueBroker> Open, Func<IServiceProvider, IEnumerable<string>>? Check);
