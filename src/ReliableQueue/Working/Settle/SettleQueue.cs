using System.Diagnostics;
using System.Runtime.InteropServices;
using ReliableQueue.Broker;
using ReliableQueue.Working.Lease;

namespace ReliableQueue.Working.Settle;

/// <summary>Settlements that wait for the broker, in calls of at most <see cref="BrokerLimits.BatchSize"/>. Pure: data and its lock.</summary>
internal sealed class SettleQueue
{
    private readonly Lock gate = new();
    private readonly Queue<SettleBatch> full = [];
    private SettleBatch open = new(16);

    /// <summary>How many wait, as far as it matters for the size of the next call.</summary>
    public int Pending
    {
        get
        {
            lock (gate)
            {
                return full.Count > 0 ? BrokerLimits.BatchSize : open.Count;
            }
        }
    }

    public void Add(in Settling settling)
    {
        lock (gate)
        {
            if (open.Count == BrokerLimits.BatchSize)
            {
                full.Enqueue(open);
                open = new SettleBatch(BrokerLimits.BatchSize);
            }

            open.Add(settling);
        }
    }

    /// <summary>The next call; null when nothing waits.</summary>
    public SettleBatch? Take()
    {
        lock (gate)
        {
            if (full.TryDequeue(out var batch))
            {
                return batch;
            }

            if (open.Count == 0)
            {
                return null;
            }

            // The next batch will be about as large: lists that grow would allocate twice as much.
            (batch, open) = (open, new SettleBatch(open.Count));
            return batch;
        }
    }

    /// <summary>What is not in the state file, of a call that was not answered and of all that waits behind it: the process may end before the broker answers.</summary>
    public IReadOnlyList<Settling> Unrecorded(SettleBatch unanswered)
    {
        lock (gate)
        {
            return [.. full.Prepend(unanswered).Append(open).SelectMany(batch => batch.Settlings).Where(settling => !settling.IsRecorded)];
        }
    }

    /// <summary>These are in the state file now.</summary>
    public void MarkRecorded(SettleBatch unanswered, IReadOnlyList<Settling> recorded)
    {
        var deliveries = recorded.Select(settling => settling.Delivery).ToHashSet();
        lock (gate)
        {
            foreach (var batch in full.Prepend(unanswered).Append(open))
            {
                batch.MarkRecorded(deliveries);
            }
        }
    }
}

/// <summary>One delivery on its way to be settled.</summary>
/// <param name="Delivery">The delivery.</param>
/// <param name="Settlement">How it ends.</param>
/// <param name="Span">The span its handler ran in, the parent of the settlement's span; null while nobody listens.</param>
/// <param name="IsRecorded">Whether the settlement is in the state file: then the broker's answer to it is noted there, too.</param>
internal readonly record struct Settling(Delivery Delivery, Settlement Settlement, Activity? Span, bool IsRecorded);

/// <summary>Settlements that go to the broker in one call.</summary>
internal sealed class SettleBatch(int capacity)
{
    private readonly List<Settling> settlings = new(capacity);
    private readonly List<LeaseSettlement> settlements = new(capacity);

    public int Count => settlings.Count;

    public IReadOnlyList<Settling> Settlings => settlings;

    public IReadOnlyList<LeaseSettlement> Settlements => settlements;

    public void Add(in Settling settling)
    {
        settlings.Add(settling);
        settlements.Add(new LeaseSettlement(settling.Delivery.Lease, settling.Settlement));
    }

    public void MarkRecorded(HashSet<Delivery> recorded)
    {
        foreach (ref var settling in CollectionsMarshal.AsSpan(settlings))
        {
            settling = recorded.Contains(settling.Delivery) ? settling with { IsRecorded = true } : settling;
        }
    }
}
