using ReliableQueue.FaultWorker;

namespace ReliableQueue.Soak;

/// <summary>
/// A worker runs suspects one at a time (I12). The effects do not say who is one, so only deliveries that certainly are count: the third and later ones of a message none of
/// whose earlier deliveries failed or was cancelled, so that each of these ended with its worker.
/// </summary>
internal sealed class SuspectCheck(Runs runs)
{
    private const int FirstSuspectDelivery = 3;

    private readonly List<(Effect Start, long End)> suspects = [];

    /// <param name="deliveries">Of one message, in the order of their fences.</param>
    public void Add(IReadOnlyList<IReadOnlyList<Effect>> deliveries)
    {
        foreach (var delivery in deliveries)
        {
            if (delivery[0] is { Kind: EffectKind.Start, DeliveryCount: >= FirstSuspectDelivery } start)
            {
                // What has no end ran until its process ended.
                suspects.Add((start, delivery.Count > 1 ? delivery[^1].At : long.MaxValue));
            }

            if (delivery.Any(effect => effect.Kind is EffectKind.Fail or EffectKind.Cancel))
            {
                return;
            }
        }
    }

    /// <summary>Every two that ran next to each other.</summary>
    public IEnumerable<string> Faults()
    {
        foreach (var run in suspects.GroupBy(suspect => (suspect.Start.Process, Begin: runs.BeginOf(suspect.Start))))
        {
            var inOrder = run.OrderBy(suspect => suspect.Start.At).ToList();
            for (var later = 1; later < inOrder.Count; later++)
            {
                if (inOrder.Take(later).LastOrDefault(earlier => earlier.End > inOrder[later].Start.At).Start is { } other)
                {
                    yield return $"suspects {other.Number} and {inOrder[later].Start.Number} ran next to each other in process {run.Key.Process} at {inOrder[later].Start.At}";
                }
            }
        }
    }
}
