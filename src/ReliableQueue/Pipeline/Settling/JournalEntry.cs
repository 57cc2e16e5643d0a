using Microsoft.Extensions.Logging;
using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;
using ReliableQueue.State;

namespace ReliableQueue.Pipeline.Settling;

/// <summary>Which settlements of one batch are on disk.</summary>
internal sealed class JournalEntry(SettleBatch batch, IWorkerState state, StateScope scope, ILogger logger)
{
    private HashSet<HeldLease>? recorded;
    private bool isUnsentRecorded;

    public async Task RecordAsync(IReadOnlyList<StateRecord> records)
    {
        try
        {
            await state.RecordAsync(records);
            recorded ??= [];
            recorded.UnionWith(records.Select(record => record.Lease));
        }
        catch (StateFileException exception)
        {
            // The broker is told all the same: it is the authority others see. Until it answers, these settlements would not survive this process.
            QueueLog.SettlementsNotRecorded(logger, scope.Queue.Value, records.Count, exception);
        }
    }

    /// <summary>Records, once, all that is not on disk yet: the broker did not answer, and the process may end before it does.</summary>
    public async Task RecordUnsentAsync()
    {
        if (isUnsentRecorded)
        {
            return;
        }

        isUnsentRecorded = true;
        var unsent = new List<StateRecord>();
        for (var index = 0; index < batch.Requests.Count; index++)
        {
            var request = batch.Requests[index];
            if (recorded is null || !recorded.Contains(request.Lease))
            {
                unsent.Add(new StateRecord.Unsent(scope, request.Lease, batch.Deliveries[index].Envelope.Incarnation, request.Settlement));
            }
        }

        if (unsent.Count > 0)
        {
            await RecordAsync(unsent);
        }
    }

    public void Confirm(IReadOnlyList<SettleResult> results)
    {
        if (recorded is null)
        {
            return;
        }

        for (var index = 0; index < results.Count; index++)
        {
            if (recorded.Contains(batch.Requests[index].Lease))
            {
                state.Confirm(scope, batch.Requests[index].Lease, results[index]);
            }
        }
    }
}
