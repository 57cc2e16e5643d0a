using ReliableQueue.Broker;

namespace ReliableQueue.Producing;

/// <summary>One call of the user with many messages: cut into groups as large as a call, lined up together, waited for together.</summary>
/// <param name="line">Where they line up.</param>
/// <param name="terms">What the broker must know of each of them.</param>
/// <param name="known">How many there are, if that is known before they are looked at. Only a guess: nothing but memory depends on it.</param>
/// <param name="context">What all lines share.</param>
internal sealed class EnqueueMany(EnqueueLine line, MessageTerms? terms, int? known, EnqueueContext context)
{
    private readonly List<MessageId> ids = [];
    private readonly List<EnqueueGroup> groups = [];

    public IReadOnlyList<MessageId> Ids => ids;

    public void Add(byte[] envelope)
    {
        if (groups.Count == 0 || !groups[^1].HasRoom(envelope.Length))
        {
            groups.Add(new EnqueueGroup(Math.Clamp((known ?? 0) - ids.Count, 0, BrokerLimits.BatchSize)));
        }

        var id = MessageId.New(context.Time, context.Random);
        ids.Add(id);
        groups[^1].Add(new NewMessage(id, envelope) { Terms = terms });
    }

    /// <summary>Lines the groups up and waits for all of them.</summary>
    /// <returns>The worst of their outcomes.</returns>
    public async Task<EnqueueOutcome> SendAsync(CancellationToken cancellationToken)
    {
        line.Add(groups);
        var all = Task.WhenAll(groups.Select(group => group.Outcome));
        try
        {
            var outcomes = await all.WaitAsync(cancellationToken).ConfigureAwait(false);
            NameExisting(outcomes);
            return outcomes.Length == 0 ? default : outcomes.MaxBy(outcome => Severity(outcome.Verdict));
        }
        catch (OperationCanceledException exception) when (cancellationToken.IsCancellationRequested)
        {
            var withdrawn = groups.Sum(WithdrawAll);
            throw new OperationCanceledException(
                $"Queue '{line.Queue}': enqueuing {ids.Count} messages was cancelled; {withdrawn} are not enqueued, the others are or may be.", exception, cancellationToken);
        }
    }

    /// <summary>What the caller is thrown: which messages are in doubt, which were certainly not enqueued.</summary>
    public Exception Failure(EnqueueOutcome worst)
    {
        List<MessageId> unknown = [];
        List<int> notEnqueued = [];
        var at = 0;
        foreach (var group in groups)
        {
            var range = Enumerable.Range(at, group.Added);
            at += group.Added;
            switch (group.Outcome.Result.Verdict)
            {
                case EnqueueVerdict.Enqueued:
                    break;
                case EnqueueVerdict.Unknown:
                    unknown.AddRange(range.Select(position => ids[position]));
                    break;
                default:
                    notEnqueued.AddRange(range);
                    break;
            }
        }

        return EnqueueFailure.Of(line.Queue, context.Settings.Timeout, worst, unknown, notEnqueued);
    }

    /// <summary>A message that was there already is named in the place of the one that was not stored.</summary>
    private void NameExisting(EnqueueOutcome[] outcomes)
    {
        var at = 0;
        for (var index = 0; index < groups.Count; at += groups[index++].Added)
        {
            for (var position = 0; position < outcomes[index].Results?.Count; position++)
            {
                ids[at + position] = outcomes[index].IdOf(position, ids[at + position]);
            }
        }
    }

    private static int Severity(EnqueueVerdict verdict) => verdict switch
    {
        EnqueueVerdict.Enqueued => 0,
        EnqueueVerdict.Unknown => 3,
        EnqueueVerdict.Refused => 2,
        _ => 1,
    };

    private int WithdrawAll(EnqueueGroup group)
    {
        var withdrawn = 0;
        for (var position = 0; position < group.Added && line.Withdraw(group, position); position++)
        {
            withdrawn++;
        }

        return withdrawn;
    }
}
