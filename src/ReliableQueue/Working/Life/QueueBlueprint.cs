using ReliableQueue.Working.Handle;

namespace ReliableQueue.Working.Life;

/// <summary>One queue a worker handles: its validated options and its handlers, one per wire name.</summary>
internal sealed record QueueBlueprint(QueueName Queue, QueueOptions Options, IReadOnlyList<HandlerRegistration> Handlers);
