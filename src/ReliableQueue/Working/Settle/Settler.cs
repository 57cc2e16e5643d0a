using System.Diagnostics;
using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;
using ReliableQueue.Producing;
using ReliableQueue.Working.Handle;
using ReliableQueue.Working.Lease;

namespace ReliableQueue.Working.Settle;

/// <summary>
/// Step 8 of the path: settlement → state file, broker. The only caller of <see cref="IQueueBroker.SettleAsync"/>. A settlement is asked until it is answered and never
/// turned into another one; what gathers while a call is in flight makes the next batch.
/// </summary>
internal sealed class Settler(
    SettleSettings settings, IQueueBroker broker, InHand inHand, SettlementJournal journal, QueueSignals signals, Surroundings surroundings) : IDisposable
{
    private readonly SettleQueue waiting = new();
    private readonly EndingLog endings = new(settings, signals, surroundings.Time);
    private readonly TimeProvider time = surroundings.Time;
    private readonly Signal pending = new(surroundings.Time);
    private bool closing;
    private volatile bool isFailing;

    /// <summary>Whether a settlement was given up unanswered at the end of a drain.</summary>
    public bool HasAbandoned { get; private set; }

    /// <summary>
    /// Ends a delivery. The task completes when the settlement waits for the broker, which is at once unless it must be on disk first. No token: an ack is never cancelled.
    /// </summary>
    /// <param name="delivery">The delivery.</param>
    /// <param name="settlement">How it ends.</param>
    /// <param name="outcome">What came of it, for the log.</param>
    /// <param name="span">The span its handler ran in; null when there is none.</param>
    public Task SettleAsync(Delivery delivery, Settlement settlement, HandlerOutcome outcome, Activity? span = null)
    {
        if (!delivery.Hold.TrySettle())
        {
            // Released at the end of a drain while its handler still ran: it has its one settlement.
            return Task.CompletedTask;
        }

        endings.Note(delivery, settlement, outcome);

        // Not with its batch, which may wait for as long as the broker does not answer: a rejection must outlive this process from the moment the handler returned.
        var settling = new Settling(delivery, settlement, span, IsRecorded: false);
        if (isFailing || journal.ComesFirst(settlement))
        {
            return RecordAndHandOverAsync(settling);
        }

        HandOver(settling);
        return Task.CompletedTask;
    }

    /// <summary>Says what the log left out so far.</summary>
    public void Dispose() => endings.Dispose();

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
            if (waiting.Pending is > 0 and var count && count < Pacing.Enough(inHand.Taken))
            {
                await time.GatherAsync(pending, () => waiting.Pending >= Pacing.Enough(inHand.Taken) || Volatile.Read(ref closing));
            }

            if (waiting.Take() is { } batch)
            {
                await SettleAsync(batch, abandon);
            }
            else if (Volatile.Read(ref closing))
            {
                // Nothing ends any more: what the log left out is said now, and no timer outlives the run.
                endings.Dispose();
                return;
            }
            else
            {
                await pending.WaitAsync();
            }
        }
    }

    /// <summary>Settles what earlier runs left unsettled.</summary>
    public Task ReplayAsync(CancellationToken cancellationToken) =>
        journal.ReplayAsync(settlements => broker.SettleAsync(new SettleRequest(settings.Queue, settlements), cancellationToken));

    private async Task RecordAndHandOverAsync(Settling settling)
    {
        var isRecorded = false;
        try
        {
            isRecorded = await journal.TryRecordAsync([settling]);
        }
        finally
        {
            // Whatever the file does: a settlement that was not handed over would keep its slot and its lease until the process ends.
            HandOver(settling with { IsRecorded = isRecorded });
        }
    }

    private void HandOver(in Settling settling)
    {
        waiting.Add(settling);
        pending.Set();
    }

    private async Task SettleAsync(SettleBatch batch, CancellationToken abandon)
    {
        try
        {
            await AskAsync(batch, abandon);
        }
        finally
        {
            inHand.Remove(batch.Settlings.Select(settling => settling.Delivery));
        }
    }

    private async Task AskAsync(SettleBatch batch, CancellationToken abandon)
    {
        var telemetry = new SettleTelemetry(batch, signals);
        for (var failures = 1; ; failures++)
        {
            // Once one batch was given up, the others are not begun: each would take a whole call timeout, and the host is out of time.
            if (!HasAbandoned && await TryAskAsync(batch, telemetry, failures))
            {
                return;
            }

            var unrecorded = waiting.Unrecorded(batch);
            if (await journal.TryRecordAsync(unrecorded))
            {
                waiting.MarkRecorded(batch, unrecorded);
            }

            if (abandon.IsCancellationRequested)
            {
                HasAbandoned = true;
                telemetry.Abandon();
                return;
            }

            await time.PauseAsync(RetryPause.After(failures, surroundings.Random), abandon);
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
            signals.SettleFailed(batch.Count, failures, exception);
            return false;
        }
    }

    private void Conclude(SettleBatch batch, IReadOnlyList<SettleResult> results)
    {
        for (var index = 0; index < results.Count; index++)
        {
            if (results[index] == SettleResult.Stale)
            {
                signals.SettlementStale(batch.Settlings[index].Delivery.Context);
            }
        }

        journal.Confirm(batch, results);
    }
}
