using ReliableQueue.Broker;

namespace ReliableQueue.Producing;

/// <summary>The groups one call to the broker carries, fixed for as long as an attempt of it may have been applied.</summary>
internal sealed class EnqueueCall(List<EnqueueGroup> groups, List<EnqueuedMessage> messages)
{
    public IReadOnlyList<EnqueueGroup> Groups => groups;

    public IReadOnlyList<EnqueuedMessage> Messages => messages;

    /// <summary>Whether an attempt failed without the broker saying that nothing was done.</summary>
    public bool MayBeApplied { get; set; }

    /// <summary>Whether every caller has been given an answer, so that nobody waits for this one any more.</summary>
    public bool IsGivenUp => groups.TrueForAll(group => group.Outcome.IsCompleted);

    public void End(EnqueueOutcome how)
    {
        foreach (var group in groups)
        {
            group.End(how);
        }
    }
}
