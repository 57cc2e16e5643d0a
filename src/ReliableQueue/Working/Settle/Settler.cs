using Microsoft.Extensions.Logging;
using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;
using ReliableQueue.Producing;
using ReliableQueue.Working.Lease;
using ReliableQueue.State;

namespace ReliableQueue.Working.Settle;

/// <summary>
/// Step 3 of a worker: settlement → state file, broker. The only caller of <see cref="IQueueBroker.SettleAsync"/>. A settlement is asked until it is answered and never
/// turned into another one; what gathers while a call is in flight makes the next batch.
/// </summary>
internal sealed class Settler(
    SettleSettings settings,
    IQueueBroker broker,
    LeaseTable table,
    Slots slots,
    QueueMemory memory,
    QueueMeter meter,
    TimeProvider time,
    IRandomSource random,
    ILogger logger)
{
    private readonly Lock gate = new();
    private readonly Queue<SettleBatch> full = [];
    private readonly Signal pending = new(time);
    private readonly SettlementJournal journal = new(settings, memory, time, logger);
    private SettleBatch open = new();
    private bool closing;
    private volatile bool isFailing;

    /// <summary>Whether a settlement was given up unanswered at the end of a drain.</summary>
    public bool HasAbandoned { get; private set; }

    /// <summary>Ends a delivery. The task completes when the broker has answered. No token: an ack is never cancelled.</summary>
    public Task SettleAsync(Delivery delivery, Settlement settlement)
    {
        if (!delivery.Hold.TrySettle())
        {
            // Released at the end of a drain while its handler still ran: it has its one settlement.
            return Task.CompletedTask;
        }

        // Not with its batch, which may wait for as long as the broker does not answer: a rejection must outlive this process from the moment the handler returned.
        return isFailing || journal.ComesFirst(settlement) ? RecordAndSettleAsync(delivery, settlement) : HandOver(delivery, settlement);
    }

    /// <summary>Ends the run once everything handed over is answered or abandoned.</summary>
    public void Close()
    {
        Volatile.Write(ref closing, true);
        pending.Set();
    }

    /// <summary>Settles until closed.</summary>
    /// <param name="abandon">Fires at the end of a drain: what the broker has not answered is in the state file and is replayed at the next start.</param>
    public async Task RunAsync(CancellationToken abandon)
    {
        while (true)
        {
            if (Pending is > 0 and var waiting && waiting < Gathering.Enough(slots.Taken))
            {
                await Gathering.WaitAsync(pending, time, () => Pending >= Gathering.Enough(slots.Taken) || Volatile.Read(ref closing));
            }

            if (Take() is { } batch)
            {
                await SettleAsync(batch, abandon);
            }
            else if (Volatile.Read(ref closing))
            {
                return;
            }
            else
            {
                await pending.WaitAsync();
            }
        }
    }

    /// <summary>Settles what earlier runs recorded and the broker did not confirm, in the order recorded, with the tokens of then: a token decides whether it still counts.</summary>
    public async Task ReplayAsync(CancellationToken cancellationToken)
    {
        foreach (var records in memory.Unconfirmed().Chunk(BrokerLimits.BatchSize))
        {
            var settlements = Array.ConvertAll(records, record => new LeaseSettlement(record.Lease, SettlementJournal.SettlementOf(record)));
            var results = (await broker.SettleAsync(new SettleRequest(settings.Queue, settlements), cancellationToken)).Results;
            for (var index = 0; index < records.Length; index++)
            {
                memory.Confirm(records[index].Lease, results[index]);
            }

            QueueLog.SettlementsReplayed(logger, settings.Queue.Value, records.Length);
        }
    }

    private int Pending
    {
        get
        {
            lock (gate)
            {
                return full.Count > 0 ? BrokerLimits.BatchSize : open.Settlements.Count;
            }
        }
    }

    private SettleBatch? Take()
    {
        lock (gate)
        {
            if (full.TryDequeue(out var batch))
            {
                return batch;
            }

            if (open.Settlements.Count == 0)
            {
                return null;
            }

            batch = open;
            open = new SettleBatch();
            return batch;
        }
    }

    private async Task RecordAndSettleAsync(Delivery delivery, Settlement settlement)
    {
        await journal.RecordAsync([(delivery, settlement)]);
        await HandOver(delivery, settlement);
    }

    private Task HandOver(Delivery delivery, Settlement settlement)
    {
        Task answered;
        lock (gate)
        {
            if (open.IsFull)
            {
                full.Enqueue(open);
                open = new SettleBatch();
            }

            open.Add(delivery, settlement);
            answered = open.Answered;
        }

        pending.Set();
        return answered;
    }

    private async Task SettleAsync(SettleBatch batch, CancellationToken abandon)
    {
        try
        {
            await AskAsync(batch, abandon);
        }
        finally
        {
            foreach (var delivery in batch.Deliveries)
            {
                table.Remove(delivery);
            }

            slots.Return(batch.Deliveries.Count);
            batch.Complete();
        }
    }

    private async Task AskAsync(SettleBatch batch, CancellationToken abandon)
    {
        var telemetry = new SettleTelemetry(batch, settings.Queue.Value, meter);
        for (var failures = 1; ; failures++)
        {
            // Once one batch was given up, the others are not begun: each would take a whole call timeout, and the host is out of time.
            if (!HasAbandoned && await TryAskAsync(batch, telemetry, failures))
            {
                return;
            }

            await journal.RecordAsync(Unanswered(batch));
            if (abandon.IsCancellationRequested)
            {
                HasAbandoned = true;
                telemetry.Abandon();
                return;
            }

            await time.PauseAsync(RetryPause.After(failures, random), abandon);
        }
    }

    private async Task<bool> TryAskAsync(SettleBatch batch, SettleTelemetry telemetry, int failures)
    {
        try
        {
            var results = (await broker.SettleAsync(new SettleRequest(settings.Queue, batch.Settlements), CancellationToken.None)).Results;
            telemetry.End(results);
            Conclude(batch, results);
            isFailing = false;
            return true;
        }
        catch (Exception exception)
        {
            // Whatever was thrown, even by a broker that breaks its contract, is not an answer: these messages are handled, and saying so must not stop here.
            isFailing = true;
            QueueLog.SettleFailed(logger, settings.Queue.Value, batch.Settlements.Count, failures, exception);
            return false;
        }
    }

    /// <summary>All that waits for the broker: the process may end before it answers.</summary>
    private List<(Delivery Delivery, Settlement Settlement)> Unanswered(SettleBatch batch)
    {
        lock (gate)
        {
            return [.. full.Prepend(batch).Append(open).SelectMany(each => each.Deliveries.Zip(each.Settlements, (delivery, request) => (delivery, request.Settlement)))];
        }
    }

    private void Conclude(SettleBatch batch, IReadOnlyList<SettleResult> results)
    {
        for (var index = 0; index < results.Count; index++)
        {
            var delivery = batch.Deliveries[index];
            if (results[index] == SettleResult.Stale)
            {
                QueueLog.SettlementStale(logger, settings.Queue.Value, delivery.Envelope.Type, delivery.Id, delivery.DeliveryCount);
            }
        }

        journal.Confirm(batch, results);
    }
}
