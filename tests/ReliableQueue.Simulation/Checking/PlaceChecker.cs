using ReliableQueue.Simulation.Queue;
using ReliableQueue.Simulation.World;

namespace ReliableQueue.Simulation.Checking;

/// <summary>
/// I10: each message the broker ever stored is in exactly one place (waiting, leased, dead, gone), the one its history put it, under the lease its history gave it.
/// Looked at between steps: what is in the wrong place may not be missed for minutes, and a dead letter that is not kept never.
/// </summary>
internal static class PlaceChecker
{
    public static void Check(SimulatedRules model, History history)
    {
        foreach (var message in model.Messages)
        {
            var index = history.IndexOf(message.Id);
            var trail = history.Checker.Messages[index];
            var isIn = PlaceOf(message.IsGone, message.IsDead, message.IsLeased);
            var belongs = PlaceOf(trail.IsEnded && !trail.IsDead, trail.IsDead, trail.IsLeased);
            Demand(isIn == belongs, $"message {index} is {isIn} and should be {belongs}");
            Demand(!trail.IsLeased || message.Token.Fence == trail.Fence, $"message {index} is leased under another lease than its newest");
        }

        var counts = model.Count();
        Demand(counts.Ready + counts.Scheduled + counts.Leased == model.Live.Count(), $"{model.Live.Count()} messages are counted as {counts}");
    }

    /// <summary>Nothing the history saw stored is missing from all queues together.</summary>
    public static void CheckTotal(IEnumerable<SimulatedRules> models, History history)
    {
        var (stored, known) = (models.Sum(model => model.Messages.Count), history.Checker.Messages.Values.Count(trail => trail.IsCreated));
        Demand(stored == known, $"{known} messages were stored and the broker knows {stored}");
    }

    private static string PlaceOf(bool isGone, bool isDead, bool isLeased) => isGone ? "gone" : isDead ? "dead" : isLeased ? "leased" : "waiting";

    private static void Demand(bool holds, string what)
    {
        if (!holds)
        {
            throw new ViolationException("I10", what);
        }
    }
}
