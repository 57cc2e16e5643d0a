using ReliableQueue.Broker;

namespace ReliableQueue.Sqlite;

/// <summary>How a stamped call stands against the last one of its lane. Leases are what a repeated call leased, as it was stored; empty otherwise.</summary>
internal readonly record struct CallRow(CallStanding Standing, bool Regressed, byte[] Leases)
{
    public CallAnswer Answer(QueueRow queue) => new(Standing, queue.Epoch, Regressed);
}
