using ReliableQueue.Broker;

namespace ReliableQueue.Producing;

/// <summary>
/// Messages that wait for one answer: their callers await one task, which is what makes a caller cheap. A group travels whole, so it never exceeds a call. Once it was handed to an
/// <see cref="Outbox"/>, only that touches it.
/// </summary>
internal sealed class EnqueueGroup
{
    public const int MaxBytes = 1 << 20;

    // Asynchronously, because one caller's code must hold up neither the lane nor the other callers.
    private readonly TaskCompletionSource<EnqueueOutcome> outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<NewMessage> messages;
    private long acceptsUntil;
    private int withdrawn;

    /// <param name="expected">How many messages it will hold, if that is known; 0: not known.</param>
    public EnqueueGroup(int expected = 0)
    {
        messages = new List<NewMessage>(expected);
        Place = new(this);
    }

    /// <summary>Its place in the outbox, while it waits there.</summary>
    public LinkedListNode<EnqueueGroup> Place { get; }

    public Task<EnqueueOutcome> Outcome => outcome.Task;

    /// <summary>When its callers have waited long enough, as a timestamp of the clock. Known from <see cref="Begin"/> on.</summary>
    public long Deadline { get; private set; }

    public int Bytes { get; private set; }

    /// <summary>How many messages were added, withdrawn ones included.</summary>
    public int Added => messages.Count;

    /// <summary>How many messages are still wanted.</summary>
    public int Count => messages.Count - withdrawn;

    /// <summary>What a call with this group last failed with.</summary>
    public BrokerException? LastError { get; set; }

    /// <summary>Whether a message may join: there is room, and the first caller has not waited so long that the newcomer would be cheated of its time.</summary>
    public bool Accepts(int bytes, long now) => HasRoom(bytes) && now <= acceptsUntil;

    public bool HasRoom(int bytes) => messages.Count < BrokerLimits.BatchSize && (messages.Count == 0 || Bytes + bytes <= MaxBytes);

    /// <summary>
    /// The waiting begins when the group is put into the outbox, not when it is made, because a user's enumerable may take longer to give its messages than a caller waits.
    /// Callers who share a group share its deadline; one who comes later than a hundredth of the time gets another group.
    /// </summary>
    public void Begin(long now, long timeout)
    {
        acceptsUntil = now + (timeout / 100);
        Deadline = now + timeout;
    }

    /// <summary>Adds a message; its position is what withdraws it.</summary>
    public int Add(NewMessage message)
    {
        messages.Add(message);
        Bytes += message.Envelope.Length;
        return messages.Count - 1;
    }

    public void Withdraw(int position)
    {
        if (!messages[position].Envelope.IsEmpty)
        {
            Bytes -= messages[position].Envelope.Length;
            messages[position] = default;
            withdrawn++;
        }
    }

    /// <summary>Copies what is still wanted into a call.</summary>
    public void CopyTo(List<NewMessage> call)
    {
        if (withdrawn == 0)
        {
            call.AddRange(messages);
            return;
        }

        call.AddRange(messages.Where(message => !message.Envelope.IsEmpty));
    }

    /// <summary>The results of this group, by the position of each message; a message that was withdrawn was not in the call and has none of its own.</summary>
    /// <param name="results">Those of the whole call.</param>
    /// <param name="at">Where this group begins in the call.</param>
    public IReadOnlyList<EnqueueResult> ByPosition(IReadOnlyList<EnqueueResult> results, int at) =>
        messages.ConvertAll(message => message.Envelope.IsEmpty ? EnqueueResult.Stored.Instance : results[at++]);

    /// <summary>The first outcome counts: a caller that was told "unknown" is not told otherwise later.</summary>
    public void End(EnqueueOutcome how) => outcome.TrySetResult(how);
}

/// <summary>The groups one call to the broker carries, fixed for as long as an attempt of it may have been applied.</summary>
internal sealed class EnqueueCall(List<EnqueueGroup> groups, List<NewMessage> messages)
{
    public IReadOnlyList<EnqueueGroup> Groups => groups;

    public IReadOnlyList<NewMessage> Messages => messages;

    /// <summary>Whether every caller has been given an answer, so that nobody waits for this one any more.</summary>
    public bool IsGivenUp => groups.TrueForAll(group => group.Outcome.IsCompleted);

    /// <summary>Answers all callers. Each group gets the results of its own messages.</summary>
    /// <param name="how">How the call ended, with one result per message of the call, or none: all were stored, or nothing is known.</param>
    public void End(EnqueueOutcome how)
    {
        var at = 0;
        foreach (var group in groups)
        {
            group.End(how.Results is { Count: > 0 } results ? how with { Results = group.ByPosition(results, at) } : how with { Results = null });
            at += group.Count;
        }
    }
}
