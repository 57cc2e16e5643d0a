using System.Diagnostics;
using ReliableQueue.Broker;
using ReliableQueue.FaultWorker;

namespace ReliableQueue.Soak;

/// <summary>Holds what was done against what was promised.</summary>
internal sealed class Checker(Dictionary<long, Fate> fates, List<string> faults)
{
    private readonly Dictionary<DeadLetterReason, int> deadLettered = [];
    private readonly List<double> redeliveries = [];
    private readonly HashSet<string> strangers = [];
    private int deadInnocents;

    /// <summary>The dead letters, a page at a time.</summary>
    public void Add(IEnumerable<(long Number, DeadLetter Letter)> letters)
    {
        foreach (var (number, letter) in letters)
        {
            deadLettered[letter.Reason] = deadLettered.GetValueOrDefault(letter.Reason) + 1;
            if (Find(number, letter.Id) is { } fate)
            {
                fate.IsDead = true;
                Judge(number, fate, letter);
            }
        }
    }

    /// <summary>Everything the handlers did.</summary>
    /// <param name="effects">In any order.</param>
    /// <param name="kills">Which process was killed from outside, and when.</param>
    public void Add(IEnumerable<Effect> effects, ILookup<int, long> kills)
    {
        foreach (var message in effects.Where(effect => effect.Kind != EffectKind.Host).GroupBy(effect => (effect.Number, effect.Message)))
        {
            if (Find(message.Key.Number, message.Key.Message) is not { } fate)
            {
                continue;
            }

            var deliveries = message.GroupBy(effect => effect.Fence).OrderBy(delivery => delivery.Key).Select(delivery => delivery.OrderBy(effect => effect.At).ToList()).ToList();
            fate.Starts += message.Count(effect => effect.Kind == EffectKind.Start);
            fate.Ends += message.Count(effect => effect.Kind == EffectKind.End);
            Compare(message.Key.Number, deliveries);
            Measure(deliveries, kills);
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

        if (IsLost(fate))
        {
            faults.Add($"message {number}, {fate.Id}, {fate.Act}, told {fate.Told}, was lost after {fate.Starts} starts");
        }

        if (fate.Ends > 0 && fate.Act is WorkOrderAct.Throw or WorkOrderAct.Reject or WorkOrderAct.Kill)
        {
            faults.Add($"message {number}, {fate.Id}, {fate.Act}, ended well");
        }
    }

    private void Judge(long number, Fate fate, DeadLetter letter)
    {
        var isRejected = letter.Reason == DeadLetterReason.Rejected;
        var isAtLimit = letter.Reason == DeadLetterReason.DeliveryLimit && letter.DeliveryCount == Crew.MaxDeliveries;
        if (!(fate.Act == WorkOrderAct.Reject ? isRejected || isAtLimit : isAtLimit) || (isRejected && string.IsNullOrEmpty(letter.Error)))
        {
            faults.Add($"message {number}, {letter.Id}, {fate.Act}, is a dead letter for {letter.Reason} '{letter.Error}' after {letter.DeliveryCount} deliveries");
        }

        if (fate.Act is not WorkOrderAct.Throw and not WorkOrderAct.Reject and not WorkOrderAct.Kill)
        {
            deadInnocents++;
        }
    }

    /// <summary>Deliveries of one message, in the order of their fences.</summary>
    private void Compare(long number, List<List<Effect>> deliveries)
    {
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

    /// <summary>What a killed process had in hand, and when it was started next.</summary>
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
