using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;

namespace ReliableQueue.Producing;

/// <summary>One call of the user with many messages: cut into groups as large as a call, handed over together, waited for together.</summary>
/// <param name="sender">What sends them.</param>
/// <param name="terms">What the broker must know of each of them.</param>
/// <param name="known">How many there are, if that is known before they are looked at. Only a guess: nothing but memory depends on it.</param>
/// <param name="surroundings">The clock and the source of ids.</param>
internal sealed class EnqueueMany(Sender sender, MessageTerms? terms, int? known, Surroundings surroundings)
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

        var id = MessageId.New(surroundings.Time, surroundings.Random);
        ids.Add(id);
        groups[^1].Add(new NewMessage(id, envelope) { Terms = terms });
    }

    /// <summary>Hands the groups over and waits for all of them.</summary>
    /// <returns>The worst of their outcomes.</returns>
    public async Task<EnqueueOutcome> SendAsync(CancellationToken cancellationToken)
    {
        sender.Add(groups);
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
                $"Queue '{sender.Queue}': enqueuing {ids.Count} messages was cancelled; {withdrawn} are not enqueued, the others are or may be.", exception, cancellationToken);
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

        return worst.ToException(sender.Queue, sender.Timeout, unknown, notEnqueued);
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
        for (var position = 0; position < group.Added && sender.Withdraw(group, position); position++)
        {
            withdrawn++;
        }

        return withdrawn;
    }
}
