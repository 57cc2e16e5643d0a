using ReliableQueue.Broker;

namespace ReliableQueue.Producing;

/// <summary>The groups one call to the broker carries, fixed for as long as an attempt of it may have been applied.</summary>
internal sealed class EnqueueCall(List<EnqueueGroup> groups, List<NewMessage> messages)
{
    public IReadOnlyList<EnqueueGroup> Groups => groups;

    public IReadOnlyList<NewMessage> Messages => messages;

    /// <summary>Whether an attempt failed without the broker saying that nothing was done.</summary>
    public bool MayBeApplied { get; set; }

    /// <summary>Whether every caller has been given an answer, so that nobody waits for this one any more.</summary>
    public bool IsGivenUp => groups.TrueForAll(group => group.Outcome.IsCompleted);

    /// <summary>Answers all callers. Each group gets the results of its own messages.</summary>
    /// <param name="how">How the call ended.</param>
    /// <param name="results">One result per message of the call, or none: all were stored, or nothing is known.</param>
    public void End(EnqueueOutcome how, IReadOnlyList<EnqueueResult> results)
    {
        var at = 0;
        foreach (var group in groups)
        {
            group.End(results.Count == 0 ? how : how with { Results = group.ByPosition(results, at) });
            at += group.Count;
        }
    }
}
