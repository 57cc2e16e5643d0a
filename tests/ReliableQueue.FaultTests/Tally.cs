using ReliableQueue.Broker;
using ReliableQueue.FaultWorker;

namespace ReliableQueue.FaultTests;

/// <summary>What came of the messages of a run, counted from the broker's word to the producer and from what the handlers did.</summary>
/// <param name="Enqueued">Messages whose enqueuing the broker acknowledged.</param>
/// <param name="Attempted">Handler starts.</param>
/// <param name="Acknowledged">Messages a handler finished and that are in no state any more.</param>
/// <param name="DeadLettered">Messages in the dead letters.</param>
/// <param name="Lost">Messages that no handler finished and that are not dead letters either.</param>
/// <param name="Duplicated">Handler starts beyond the first of each message.</param>
internal sealed record Tally(int Enqueued, int Attempted, int Acknowledged, int DeadLettered, int Lost, int Duplicated)
{
    /// <param name="enqueued">What was acknowledged.</param>
    /// <param name="rig">A rig whose queue is finished.</param>
    public static async Task<Tally> OfAsync(IReadOnlyCollection<MessageId> enqueued, FaultRig rig)
    {
        var effects = rig.Effects();
        var starts = effects.Where(effect => effect.Kind == EffectKind.Start).ToList();
        var ended = effects.Where(effect => effect.Kind == EffectKind.End).Select(effect => effect.Message).ToHashSet();
        var dead = (await rig.DeadLettersAsync()).Select((DeadLetter letter) => letter.Id).ToHashSet();
        return new Tally(
            enqueued.Count,
            starts.Count,
            enqueued.Count(ended.Contains),
            dead.Count,
            enqueued.Count(message => !ended.Contains(message) && !dead.Contains(message)),
            starts.Count - starts.DistinctBy(effect => effect.Message).Count());
    }
}
