using Microsoft.Extensions.Logging;
using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;
using ReliableQueue.Working.Lease;
using ReliableQueue.State;

namespace ReliableQueue.Working.Settle;

/// <summary>Which settlements are on disk: rejections and journalled completions before the broker is told, the rest once it did not answer.</summary>
internal sealed class SettlementJournal(SettleSettings settings, QueueMemory memory, TimeProvider time, ILogger logger)
{
    /// <summary>The settlement a record stands for.</summary>
    public static Settlement SettlementOf(StateRecord record) => record switch
    {
        StateRecord.Rejection rejection => rejection.Settlement,
        StateRecord.Completion => Settlement.Ack.Plain,
        StateRecord.Unsent unsent => unsent.Settlement,
        _ => throw new InvalidOperationException($"A record without a settlement: {record.GetType().Name}."),
    };

    /// <summary>Whether it must be on disk before the broker is told.</summary>
    public bool ComesFirst(Settlement settlement) => settlement is Settlement.DeadLetter || (settlement is Settlement.Ack && settings.JournalCompletions);

    /// <summary>Writes what is not on disk yet. When it cannot be written, it is tried again with the next attempt to settle it.</summary>
    public async Task RecordAsync(IEnumerable<(Delivery Delivery, Settlement Settlement)> settlements)
    {
        var missing = settlements.Where(each => !each.Delivery.IsSettlementRecorded).ToList();
        if (missing.Count == 0)
        {
            return;
        }

        try
        {
            await memory.RecordAsync(missing.ConvertAll(each => RecordOf(each.Delivery, each.Settlement)));
            missing.ForEach(each => each.Delivery.IsSettlementRecorded = true);
        }
        catch (StateFileException exception)
        {
            // The broker is told all the same: it is the authority others see. Until it answers, these settlements would not survive this process.
            QueueLog.SettlementsNotRecorded(logger, memory.Queue.Value, missing.Count, exception);
        }
    }

    /// <summary>Notes what the broker answered to those that are on disk.</summary>
    public void Confirm(SettleBatch batch, IReadOnlyList<SettleResult> results)
    {
        for (var index = 0; index < results.Count; index++)
        {
            if (batch.Deliveries[index].IsSettlementRecorded)
            {
                memory.Confirm(batch.Settlements[index].Lease, results[index]);
            }
        }
    }

    private StateRecord RecordOf(Delivery delivery, Settlement settlement) => settlement switch
    {
        Settlement.DeadLetter rejection => new StateRecord.Rejection(
            memory.Scope,
            delivery.Lease,
            delivery.Generation,
            delivery.Envelope.Type,
            rejection,
            delivery.DeliveryCount,
            time.GetUtcNow(),
            delivery.StoredForm),
        Settlement.Ack when settings.JournalCompletions => new StateRecord.Completion(memory.Scope, delivery.Lease, delivery.Generation),
        _ => new StateRecord.Unsent(memory.Scope, delivery.Lease, delivery.Generation, settlement),
    };
}
