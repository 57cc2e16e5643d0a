using ReliableQueue.Working.Handle;
using ReliableQueue.Working.Lease;
using ReliableQueue.Working.Settle;

namespace ReliableQueue.Working.Life;

/// <summary>One queue a worker handles: what each stage needs of its options, and its handlers, one per wire name.</summary>
internal sealed record QueueBlueprint(LeaseSettings Leasing, SettleSettings Settling, IReadOnlyList<HandlerRegistration> Handlers)
{
    public QueueName Queue => Leasing.Queue;
}
