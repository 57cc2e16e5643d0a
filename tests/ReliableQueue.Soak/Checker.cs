using System.Diagnostics;
using ReliableQueue.Broker;
using ReliableQueue.FaultWorker;

namespace ReliableQueue.Soak;

/// <summary>Holds what was done against what was promised.</summary>
/// <param name="fates">Every message that was attempted, by number.</param>
/// <param name="faults">Where what is wrong goes.</param>
/// <param name="maxDeliveries">Most deliveries of a message, as the workers are told.</param>
internal sealed class Checker(Dictionary<long, Fate> fates, List<string> faults, int maxDeliveries = Crew.MaxDeliveries)
{
    // The clocks that are compared, of the broker and of this process, are read to the millisecond and run apart by a little in an hour.
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(2);

    private readonly (long Stamp, DateTimeOffset Time) now = (Stopwatch.GetTimestamp(), DateTimeOffset.UtcNow);
    private readonly Dictionary<DeadLetterReason, int> deadLettered = [];
    private readonly List<double> redeliveries = [];
    private readonly HashSet<string> strangers = [];
    private int deadInnocents;

    /// <summary>Whether the broker was made to lose what it had acknowledged: then messages may be gone, and counts and leases of before come back.</summary>
    public bool MayLose { get; init; }

    /// <summary>The dead letters, a page at a time.</summary>
    public void Add(IEnumerable<(long Number, StoredMessage Letter)> letters)
    {
        foreach (var (number, letter) in letters)
        {
            var reason = letter.DeadLetterReason ?? DeadLetterReason.None;
            deadLettered[reason] = deadLettered.GetValueOrDefault(reason) + 1;
            if (Find(number, letter.Id) is { } fate)
            {
                fate.Letter = letter with { Envelope = default };
            }
        }
    }

    /// <summary>Everything the handlers did.</summary>
    /// <param name="effects">In any order.</param>
    /// <param name="kills">Which process was killed from outside, and when.</param>
    public void Add(IEnumerable<Effect> effects, ILookup<int, long> kills)
    {
        var all = effects.ToList();
        var runs = new Runs(all);
        var records = all.Where(effect => effect.Kind == EffectKind.Record).ToLookup(record => record.Message);
        var suspects = new SuspectCheck(runs);
        foreach (var message in all.Where(effect => effect.Kind is not EffectKind.Host and not EffectKind.Record).GroupBy(effect => (effect.Number, effect.Message)))
        {
            if (Find(message.Key.Number, message.Key.Message) is not { } fate)
            {
                continue;
            }

            var deliveries = message.GroupBy(effect => effect.Fence).OrderBy(delivery => delivery.Key).Select(delivery => delivery.OrderBy(effect => effect.At).ToList()).ToList();
            fate.Starts += message.Count(effect => effect.Kind == EffectKind.Start);
            fate.Ends += message.Count(effect => effect.Kind == EffectKind.End);
            fate.Fails += message.Count(effect => effect.Kind == EffectKind.Fail);
            Compare(message.Key.Number, deliveries);
            Limit(message.Key.Number, fate, deliveries);
            Recall(message.Key.Number, deliveries, [.. records[message.Key.Message]], runs);
            suspects.Add(deliveries);
            Measure(deliveries, kills);
        }

        if (!MayLose)
        {
            faults.AddRange(suspects.Faults());
        }
    }

    public Tally Tally()
    {
        foreach (var (number, fate) in fates)
        {
            Judge(number, fate);
        }

        return new Tally
        {
            Attempted = fates.Count,
            Acknowledged = Count(fate => fate.Told == HistoryWord.Enqueued),
            Refused = Count(fate => fate.Told == HistoryWord.Refused),
            Unknown = Count(fate => fate.Told == HistoryWord.Unknown),
            Recovered = Count(fate => fate.Told == HistoryWord.Unknown && fate.IsSeen),
            Handled = Count(fate => fate.Ends > 0),
            Lost = Count(IsLost),
            Unexpected = strangers.Count,
            Duplicated = Count(fate => fate.Ends > 1),
            Redelivered = Count(fate => fate.Starts > 1),
            DeadLettered = deadLettered,
            DeadInnocents = deadInnocents,
            Redeliveries = [.. redeliveries.Order()],
        };
    }

    private static bool IsLost(Fate fate) => (fate.Told == HistoryWord.Enqueued || fate.IsSeen) && fate.Ends == 0 && !fate.IsDead;

    private int Count(Func<Fate, bool> isMeant) => fates.Values.Count(isMeant);

    /// <summary>A message that was seen must have been attempted, must not have been refused, and has one id.</summary>
    private Fate? Find(long number, MessageId id)
    {
        if (!fates.TryGetValue(number, out var fate) || fate.Told is HistoryWord.Refused or HistoryWord.Broken || (fate.Id is { } known && known != id))
        {
            if (strangers.Add($"{number} {id}"))
            {
                faults.Add($"message {number}, {id}, was not to be expected: {(fate is null ? "nobody enqueued it" : $"its producer was told {fate.Told} {fate.Id}")}");
            }

            return null;
        }

        fate.Id = id;
        return fate;
    }

    private void Judge(long number, Fate fate)
    {
        if (fate.Told == HistoryWord.Attempt)
        {
            faults.Add($"message {number}: its producer was told nothing");
        }

        if (IsLost(fate) && !MayLose)
        {
            faults.Add($"message {number}, {fate.Id}, {fate.Act}, told {fate.Told}, was lost after {fate.Starts} starts");
        }

        if (fate.Ends > 0 && fate.Act is WorkOrderAct.Throw or WorkOrderAct.Reject or WorkOrderAct.Kill)
        {
            faults.Add($"message {number}, {fate.Id}, {fate.Act}, ended well");
        }

        if (fate.Letter is { } letter)
        {
            Judge(number, fate, letter);
        }
    }

    private void Judge(long number, Fate fate, StoredMessage letter)
    {
        var isRejected = letter.DeadLetterReason == DeadLetterReason.Rejected;
        var isAtLimit = letter.DeadLetterReason == DeadLetterReason.DeliveryLimit && letter.DeliveryCount == maxDeliveries;
        var mayReject = fate.Act is WorkOrderAct.Reject or WorkOrderAct.WhenTold && fate.Fails > 0 && !string.IsNullOrEmpty(letter.Error);
        if (!isAtLimit && !(isRejected && mayReject))
        {
            faults.Add($"message {number}, {letter.Id}, {fate.Act}, is a dead letter for {letter.DeadLetterReason} '{letter.Error}' after {letter.DeliveryCount} deliveries");
        }

        if (fate.Act is not WorkOrderAct.Throw and not WorkOrderAct.Reject and not WorkOrderAct.Kill)
        {
            deadInnocents++;
        }
    }

    /// <summary>Deliveries of one message, in the order of their fences.</summary>
    private void Compare(long number, List<List<Effect>> deliveries)
    {
        if (MayLose)
        {
            return;
        }

        for (var later = 0; later < deliveries.Count; later++)
        {
            var starts = deliveries[later].Where(effect => effect.Kind == EffectKind.Start).ToList();
            if (starts.Count != 1)
            {
                faults.Add($"message {number}: fence {deliveries[later][0].Fence} was started {starts.Count} times");
                continue;
            }

            foreach (var earlier in deliveries.Take(later))
            {
                if (earlier[0].DeliveryCount > starts[0].DeliveryCount)
                {
                    faults.Add($"message {number}: delivery {earlier[0].DeliveryCount} has fence {earlier[0].Fence}, and delivery {starts[0].DeliveryCount} the later {starts[0].Fence}");
                }

                // The handler of the earlier one still had a valid lease when the later one had begun: two held it at once.
                if (earlier.Find(effect => effect.IsLeaseValid && effect.At > starts[0].At) is { } both)
                {
                    faults.Add($"message {number} was held twice: fence {both.Fence} in process {both.Process} was valid at {both.At}, fence {starts[0].Fence} began in {starts[0].Process} at {starts[0].At}");
                }
            }
        }
    }

    /// <summary>Deliveries are counted when leased, this one included, so that no message loops without end (I12); and none begins after the broker has it as a dead letter (I4, I11).</summary>
    private void Limit(long number, Fate fate, List<List<Effect>> deliveries)
    {
        var starts = deliveries.SelectMany(delivery => delivery).Where(effect => effect.Kind == EffectKind.Start).ToList();
        foreach (var start in starts)
        {
            if (start.DeliveryCount < 1 || start.DeliveryCount > maxDeliveries)
            {
                faults.Add($"message {number} was delivered for the {start.DeliveryCount}. time of at most {maxDeliveries}");
            }

            // One that was leased before and froze may begin late, and knows that its lease is over.
            if (!MayLose && start.IsLeaseValid && fate.Letter is { } letter && letter.DeadLetteredAt + ClockTolerance < TimeOf(start))
            {
                faults.Add($"message {number} was started with a valid lease at {TimeOf(start):HH:mm:ss.fff}, and was a dead letter since {letter.DeadLetteredAt:HH:mm:ss.fff}");
            }
        }

        // A killer leaves no living worker that could release it uncounted.
        if (fate.Act == WorkOrderAct.Kill && starts.Count > maxDeliveries)
        {
            faults.Add($"message {number}, {fate.Act}, was started {starts.Count} times");
        }
    }

    private DateTimeOffset TimeOf(Effect effect) => now.Time - Stopwatch.GetElapsedTime(effect.At, now.Stamp);

    /// <summary>What a worker has on disk as rejected or finished never runs there again, not after its death either, whatever became of the broker (I6, I11).</summary>
    private void Recall(long number, List<List<Effect>> deliveries, Effect[] records, Runs runs)
    {
        foreach (var start in deliveries.Select(delivery => delivery[0]).Where(effect => effect.Kind == EffectKind.Start))
        {
            if (Array.Find(records, record => record.At < start.At && runs.WorkerOf(record) == runs.WorkerOf(start)) is { } record)
            {
                faults.Add($"message {number} was started in process {start.Process} at {start.At}, and recorded as over by that worker in process {record.Process} at {record.At}");
            }
        }
    }

    /// <summary>What a killed process had held, and when it was started next.</summary>
    private void Measure(List<List<Effect>> deliveries, ILookup<int, long> kills)
    {
        for (var lost = 0; lost < deliveries.Count - 1; lost++)
        {
            var last = deliveries[lost][^1];
            if (last.Kind == EffectKind.Start && kills[last.Process].Where(at => at > last.At).Order().FirstOrDefault(long.MaxValue) is var killed && deliveries[lost + 1][0].At is var again && again > killed)
            {
                redeliveries.Add(Stopwatch.GetElapsedTime(killed, again).TotalSeconds);
            }
        }
    }
}
