using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;
using ReliableQueue.Working.Lease;
using ReliableQueue.State;

namespace ReliableQueue.Working.Settle;

/// <summary>Which settlements are on disk: rejections and journalled completions before the broker is told, the rest once it did not answer; and the replay of what an earlier run left.</summary>
internal sealed class SettlementJournal(SettleSettings settings, QueueMemory memory, TimeProvider time, QueueSignals signals)
{
    /// <summary>Whether it must be on disk before the broker is told.</summary>
    public bool ComesFirst(Settlement settlement) => settlement is Settlement.DeadLetter || (settlement is Settlement.Ack && settings.JournalCompletions);

    /// <summary>Writes settlements. False: they could not be written, and are tried again with the next attempt to settle them.</summary>
    public async Task<bool> TryRecordAsync(IReadOnlyList<Settling> settlings)
    {
        if (settlings.Count == 0)
        {
            return false;
        }

        try
        {
            await memory.RecordAsync([.. settlings.Select(settling => RecordOf(settling.Delivery, settling.Settlement))]);
            return true;
        }
        catch (StateFileException exception)
        {
            // The broker is told all the same: it is the authority others see. Until it answers, these settlements would not survive this process.
            signals.SettlementsNotRecorded(settlings.Count, exception);
            return false;
        }
    }

    /// <summary>Notes what the broker answered to those that are on disk.</summary>
    public void Confirm(SettleBatch batch, IReadOnlyList<SettleResult> results)
    {
        for (var index = 0; index < results.Count; index++)
        {
            if (batch.Settlings[index].IsRecorded)
            {
                memory.Confirm(batch.Settlements[index].Lease, results[index]);
            }
        }
    }

    /// <summary>Settles what earlier runs recorded and the broker did not confirm, in the order recorded, with the tokens of then: a token decides whether it still counts.</summary>
    /// <param name="settle">Makes one call to the broker.</param>
    public async Task ReplayAsync(Func<IReadOnlyList<LeaseSettlement>, Task<SettleReply>> settle)
    {
        foreach (var records in memory.Unconfirmed().Chunk(BrokerLimits.BatchSize))
        {
            var results = (await settle(Array.ConvertAll(records, record => new LeaseSettlement(record.Lease, record.Settlement)))).Results;
            for (var index = 0; index < records.Length; index++)
            {
                memory.Confirm(records[index].Lease, results[index]);
            }

            signals.SettlementsReplayed(records.Length);
        }
    }

    private StateRecord RecordOf(Delivery delivery, Settlement settlement) => settlement switch
    {
        Settlement.DeadLetter rejection => new StateRecord.Rejection(
            delivery.Lease, delivery.Generation, rejection, delivery.Context.MessageType, delivery.Context.DeliveryCount, time.GetUtcNow()) { Envelope = delivery.StoredForm },
        Settlement.Ack when settings.JournalCompletions => new StateRecord.Completion(delivery.Lease, delivery.Generation),
        _ => new StateRecord.Unsent(delivery.Lease, delivery.Generation, settlement),
    };
}
