using Microsoft.Extensions.Logging;
using ReliableQueue.Broker;
using ReliableQueue.Pipeline.Leasing;
using ReliableQueue.State;

namespace ReliableQueue.Pipeline.Settling;

/// <summary>What of a batch must be on disk, and when: rejections and journalled completions before the broker is told, the rest once it did not answer.</summary>
internal sealed class SettlementJournal(SettleSettings settings, IWorkerState state, StateScope scope, TimeProvider time, ILogger logger)
{
    /// <summary>The settlement a record stands for.</summary>
    public static Settlement SettlementOf(StateRecord record) => record switch
    {
        StateRecord.Rejection rejection => rejection.Settlement,
        StateRecord.Completion => Settlement.Ack.Instance,
        StateRecord.Unsent unsent => unsent.Settlement,
        _ => throw new InvalidOperationException($"A record without a settlement: {record.GetType().Name}."),
    };

    public async Task<JournalEntry> BeginAsync(SettleBatch batch)
    {
        var entry = new JournalEntry(batch, state, scope, logger);
        List<StateRecord>? records = null;
        for (var index = 0; index < batch.Requests.Count; index++)
        {
            if (RecordBefore(batch.Deliveries[index], batch.Requests[index].Settlement) is { } record)
            {
                (records ??= []).Add(record);
            }
        }

        if (records is not null)
        {
            await entry.RecordAsync(records);
        }

        return entry;
    }

    private StateRecord? RecordBefore(Delivery delivery, Settlement settlement) => settlement switch
    {
        Settlement.DeadLetter rejection => new StateRecord.Rejection(
            scope,
            delivery.Lease,
            delivery.Envelope.Incarnation,
            delivery.Envelope.Type,
            rejection,
            delivery.DeliveryCount,
            time.GetUtcNow(),
            delivery.StoredForm),
        Settlement.Ack when settings.JournalCompletions => new StateRecord.Completion(scope, delivery.Lease, delivery.Envelope.Incarnation),
        _ => null,
    };
}
