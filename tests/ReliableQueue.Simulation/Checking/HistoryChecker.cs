using ReliableQueue.Testing;
using System.Diagnostics.CodeAnalysis;
using ReliableQueue.Broker;
using ReliableQueue.Simulation.Queue;
using ReliableQueue.Simulation.World;

namespace ReliableQueue.Simulation.Checking;

/// <summary>
/// Holds the history against the invariants, event by event. It knows nothing of the broker's or the worker's insides: only what was said to have happened. I1 no loss,
/// I2 no invention, I3 one believer, I4 finality, I5 counters, I6 finished here is never run here again, I7 stored once, I8 fencing, I9 liveness, I11 rejection survives,
/// I12 poison bound, I13 not twice at once, I14 a stop leaves no lease, I16 answers are honest, I17 what an earlier run held is returned before the next leases, I18 a living
/// worker that reaches the broker keeps its leases, I19 no delivery before it is due. Next to it: <see cref="PlaceChecker"/> (I10), the simulation itself (I9 and I13: nothing starves), the ending (I15).
/// </summary>
internal sealed class HistoryChecker(SimulationOptions options)
{
    private readonly Dictionary<int, MessageTrail> messages = [];
    private readonly Dictionary<int, RunTrail> runs = [];
    private readonly Dictionary<(int Worker, int Message), string> finished = [];
    private readonly HashSet<(int Worker, int Message)> notRecorded = [];
    private readonly Dictionary<(int Message, long Fence), int> asked = [];
    private readonly Dictionary<int, long> lastFences = [];
    private long? healedAt;
    private int? concluded;

    // The newest lease when the broker last lost writes. It may have forgotten older ones, or their end, while their workers know better.
    private long newestLost;

    public IReadOnlyDictionary<int, MessageTrail> Messages => messages;

    /// <summary>Messages that were acknowledged and neither ended nor were lost by the broker itself. What a late copy of an enqueue call stores again once all is over waits.</summary>
    public int Lost => concluded ?? messages.Values.Count(message => message.IsLost);

    public void See(HistoryEvent each)
    {
        if (each.Message == 0)
        {
            SeeRun(each);
            return;
        }

        SeeMessage(each, Of(each.Message));
    }

    /// <summary>
    /// The broker has lost acknowledged writes. What it has left is the truth from here on, and everything is demanded of it again, but for what the loss itself explains:
    /// leases of before it, and what is done twice in the name of runs of before it.
    /// </summary>
    public void GoOnFrom(IEnumerable<(int Index, QueuedMessage Message, int Run)> left)
    {
        newestLost = lastFences.Values.DefaultIfEmpty().Max();
        foreach (var run in runs.Values)
        {
            run.OutliveALoss();
        }

        foreach (var message in messages.Values)
        {
            message.Cut();
        }

        foreach (var (index, message, run) in left)
        {
            Of(index).GoOnFrom(message, run);
        }
    }

    /// <summary>After the faults are over and time was given.</summary>
    public void Conclude()
    {
        concluded = messages.Values.Count(message => message.IsLost);
        foreach (var (index, message) in messages)
        {
            Demand(!message.IsLost, "I9", $"message {index} was acknowledged and has not ended in {options.LongestDrain} after the faults");
        }
    }

    private static void Demand([DoesNotReturnIf(false)] bool holds, string invariant, string what)
    {
        if (!holds)
        {
            throw new ViolationException(invariant, what);
        }
    }

    private MessageTrail Of(int index) => messages.TryGetValue(index, out var trail) ? trail : messages[index] = new MessageTrail();

    private void SeeRun(HistoryEvent each)
    {
        switch (each.What)
        {
            case What.Began:
                runs.Add(each.Run, new RunTrail(each.Number));
                break;
            case What.Killed or What.PowerLost when each.Run != 0:
                runs[each.Run].IsDead = true;
                break;
            case What.Healed:
                healedAt = each.At;
                break;
            case What.StopAsked:
                runs[each.Run].StopAskedAt = each.At;
                break;
            case What.LeaseCall:
                Demand(
                    !messages.Values.Any(message => message.IsLeased && message.Run < each.Run && IsNotForgiven(runs[message.Run]) && runs[message.Run].Worker == runs[each.Run].Worker),
                    "I17",
                    $"run {each.Run} leases while an earlier run of its worker still holds leases");
                break;
            case What.Stalled:
                runs[each.Run].HasStalled = true;
                break;
            case What.RowDropped when each.Run != 0:
                runs[each.Run].IsUnknown = true;
                break;
            case What.SessionReturned:
                runs[each.Run].IsReturned = true;
                Demand(HoldsNothing(each.Run), "I14", $"the session of run {each.Run} was returned and still holds leases");
                break;
            case What.SessionEnded:
                runs[each.Run].IsForgotten = true;
                Demand(HoldsNothing(each.Run) || runs[each.Run].IsOfBeforeALoss, "I14", $"the state file forgot run {each.Run}, which still holds leases");
                break;
            case What.Stopped:
                // One that was stopped during the faults may have given up: then its session stays on disk, and the next run returns it.
                Demand(!(runs[each.Run].StopAskedAt >= healedAt) || HoldsNothing(each.Run) || runs[each.Run].IsOfBeforeALoss, "I14", $"run {each.Run} stopped and still holds leases");
                break;
        }
    }

    private static bool IsNotForgiven(RunTrail run) => run is { IsUnknown: false, IsOfBeforeALoss: false };

    private bool HoldsNothing(int run) => !messages.Values.Any(message => message.IsLeased && message.Run == run);

    private void SeeMessage(HistoryEvent each, MessageTrail message)
    {
        switch (each.What)
        {
            case What.EnqueueAsked:
                (message.IsAsked, message.Delay) = (true, each.Number * TimeSpan.TicksPerMillisecond);
                break;
            case What.EnqueueUnknown:
                message.IsUnknown = true;
                break;
            case What.EnqueueAcknowledged:
                message.IsAcknowledged = true;
                Demand(message.IsCreated || message.IsCut, "I1", $"message {each.Message} was acknowledged and not stored");
                break;
            case What.Created:
                Demand(message.IsAsked, "I2", $"message {each.Message} was stored and never enqueued");
                Demand(!message.IsCreated, "I7", $"message {each.Message} was stored twice");
                message.Store(each.At);
                break;
            case What.Leased:
                SeeLeased(each, message);
                break;
            case What.Renewed:
                Demand(message.IsLeased && message.Fence == each.Fence, "I8", $"message {each.Message} was renewed by a token that is not its newest");
                break;
            case What.Settled:
                SeeSettled(each, message);
                break;
            case What.Reclaimed or What.Returned or What.DeadLettered:
                SeeTaken(each, message);
                break;
            default:
                SeeWorker(each, message);
                break;
        }
    }

    private void SeeLeased(HistoryEvent each, MessageTrail message)
    {
        Demand(message.IsCreated, "I2", $"message {each.Message} was leased and never stored");
        Demand(!message.IsEnded, "I4", $"message {each.Message} was leased after its end");
        Demand(each.At >= message.DueAt, "I19", $"message {each.Message} was leased before it was due");
        Demand(!message.IsLeased, "I8", $"message {each.Message} was leased while another holds it");
        var run = runs[each.Run];
        Demand(each.Fence > lastFences.GetValueOrDefault(run.Queue), "I5", $"the fence of message {each.Message} did not rise");
        Demand(each.Number == message.Counted + 1, "I5", $"message {each.Message} is leased for the {message.Counted + 1}. time that counts, not for the {each.Number}.");
        Demand(each.Number <= options.MaxDeliveries, "I12", $"message {each.Message} is leased for the {each.Number}. time of at most {options.MaxDeliveries}");
        Demand(!run.IsReturned, "I8", $"message {each.Message} was leased to a session that had been returned");
        Demand(!run.IsForgotten || run.IsOfBeforeALoss, "I14", $"message {each.Message} was leased to a session that nobody will return");
        message.MostCounted = Math.Max(message.MostCounted, each.Number);
        (message.IsLeased, message.Fence, message.Run, message.Counted, lastFences[run.Queue]) = (true, each.Fence, each.Run, each.Number, each.Fence);
    }

    private void SeeSettled(HistoryEvent each, MessageTrail message)
    {
        Demand(message.Fence == each.Fence, "I8", $"message {each.Message} was settled by a token that is not its newest");
        Demand(!message.IsEnded, "I4", $"message {each.Message} was settled after its end");
        Demand(each.Detail is not Settlement.Ack || message.Successes > 0, "I2", $"message {each.Message} was acked and no handler had succeeded");
        Demand(
            each.Detail is not Settlement.DeadLetter { Reason: DeadLetterReason.Rejected } || message.Rejections > 0,
            "I2",
            $"message {each.Message} was dead-lettered as rejected and no handler had rejected it");
        Demand(
            each.Detail is not Settlement.DeadLetter { Reason: DeadLetterReason.DeliveryLimit } || message.MostCounted >= options.MaxDeliveries,
            "I12",
            $"message {each.Message} was dead-lettered at the limit before it had its deliveries");
        message.IsLeased = false;
        message.IsEnded = each.Detail is Settlement.Ack or Settlement.DeadLetter;
        message.IsDead = each.Detail is Settlement.DeadLetter;
        message.Counted -= each.Detail is Settlement.Release ? 1 : 0;
    }

    private void SeeTaken(HistoryEvent each, MessageTrail message)
    {
        Demand(message.IsLeased && message.Fence == each.Fence, "I8", $"message {each.Message} was taken from a lease that is not its newest");
        Demand(
            each.What != What.Returned || asked.GetValueOrDefault((each.Message, each.Fence)) < 2 || IsOfBeforeALoss(each) || notRecorded.Contains((runs[message.Run].Worker, each.Message)),
            "I6",
            $"message {each.Message} was returned although its worker had asked twice to settle it: the settlement was forgotten");
        Demand(
            each.What != What.DeadLettered || message.Counted >= options.MaxDeliveries, "I12", $"message {each.Message} was dead-lettered before it had its deliveries");
        Demand(!IsKept(each, runs[message.Run]), "I18", $"message {each.Message} was taken from run {message.Run}, which lives and reaches the broker");
        (message.IsLeased, message.TakenFence, message.IsEnded, message.IsDead) = (false, each.Fence, each.What == What.DeadLettered, each.What == What.DeadLettered);
    }

    /// <summary>
    /// Whether the lease must not have run out: nothing has kept its worker from renewing it for some visibility timeouts. A handler past its time limit that ignores its
    /// token is not renewed, and nobody knows here which one that is. Leases that came while every task stood still are not yet known to the thread that renews.
    /// </summary>
    private bool IsKept(HistoryEvent taken, RunTrail run) => taken.What != What.Returned && !run.IsOfBeforeALoss && options.HandlerTimeout is null
        && taken.At > healedAt + (5 * options.VisibilityTimeout.Ticks) && run is { IsDead: false, StopAskedAt: null }
        && (!run.HasStalled || (run.Running.TryGetValue(taken.Message, out var running) && running.Fence == taken.Fence));

    private void SeeWorker(HistoryEvent each, MessageTrail message)
    {
        var run = runs[each.Run];
        var here = (run.Worker, each.Message);
        switch (each.What)
        {
            case What.HandlerStarted:
                Demand(!finished.TryGetValue(here, out var how), how == "rejected" ? "I11" : "I6", $"message {each.Message} was {how} by worker {run.Worker} and runs there again");
                Demand(!run.Running.ContainsKey(each.Message), "I13", $"message {each.Message} runs twice at once");
                Demand(each.Number < 2 || !run.Running.Values.Any(running => running.IsSuspect), "I12", $"run {each.Run} runs two suspects at a time");
                run.Running.Add(each.Message, (each.Number >= 2, each.Fence));
                break;
            case What.LeaseSeenValid:
                Demand(
                    (message.Fence == each.Fence && message.TakenFence != each.Fence) || IsOfBeforeALoss(each),
                    "I3",
                    $"run {each.Run} believes in a lease of message {each.Message} that is over");
                break;
            case What.HandlerEnded:
                run.Running.Remove(each.Message);
                message.Successes += each.Detail is "succeeded" ? 1 : 0;
                message.Rejections += each.Detail is "rejected" ? 1 : 0;
                Demand(
                    each.Detail is not CancellationReason.Shutdown || each.At >= run.StopAskedAt + (options.DrainTimeout.Ticks * 0.98),
                    "I14",
                    $"the handler of message {each.Message} was cancelled before the drain was over");
                break;
            case What.SettleAsked:
                asked[(each.Message, each.Fence)] = asked.GetValueOrDefault((each.Message, each.Fence)) + 1;
                if (FateOf(each.Detail) is { } fate && !notRecorded.Contains(here))
                {
                    finished[here] = fate;
                }

                break;
            case What.SettleAnswered when !IsOfBeforeALoss(each):
                SeeAnswer(each, message);
                break;
            case What.RecordFailed:
                notRecorded.Add(here);
                break;
            case What.RowDropped:
                notRecorded.Add(here);
                finished.Remove(here);
                break;
            case What.Recorded when each.Detail is "completed" or "rejected":
                finished[here] = (string)each.Detail;
                break;
        }
    }

    /// <summary>Under a lease the broker may have forgotten, or whose end it may have.</summary>
    private bool IsOfBeforeALoss(HistoryEvent each) => each.Fence <= newestLost;

    private string? FateOf(object? settlement) => settlement is Settlement.DeadLetter ? "rejected" : settlement is Settlement.Ack && options.JournalCompletions ? "completed" : null;

    private static void SeeAnswer(HistoryEvent each, MessageTrail message)
    {
        var result = (SettleResult)each.Number;
        Demand(
            result == SettleResult.Stale || each.Detail is not (Settlement.Ack or Settlement.DeadLetter) || message.IsEnded,
            "I16",
            $"a worker was told that message {each.Message} has ended, and it has not");
        Demand(result != SettleResult.Stale || !message.IsLeased || message.Fence != each.Fence, "I16", $"the holder of message {each.Message} was told that its token is stale");
    }
}
