using ReliableQueue.Broker;
using ReliableQueue.Simulation.Checking;
using ReliableQueue.Simulation.Queue;
using ReliableQueue.Simulation.World;
using ReliableQueue.TestKit;

namespace ReliableQueue.Simulation.Workers;

/// <summary>The port as one queue of one process has it: each request goes through the network, where it may be lost, held, or answered to nobody.</summary>
internal sealed class BrokerLink(
    EventLoop loop, Network network, SimulatedRules model, History history, Process process, int worker, int run, PlantedBug bug, SimulationOptions options)
    : DelegatingBroker(NoBroker.Instance)
{
    private static readonly BrokerException Silent = new(BrokerFault.Unknown, "no answer");
    private static readonly BrokerException Refusing = new(BrokerFault.NotApplied, "refused");

    private readonly List<Action<QueueHint>> hints = [];
    private LinkAdmin? admin;
    private long? firstEpoch;
    private int losses;

    public override BrokerInfo Info { get; } = new("simulated", "Simulated", BrokerAbilities.None);

    public override IQueueAdmin Admin => admin ??= new LinkAdmin(this);

    /// <summary>The session and number of the newest answered lease call: what the broker may not forget unnoticed.</summary>
    public CallStamp? LastLeased { get; private set; }

    /// <summary>Set when an answer came that must make the worker report the loss.</summary>
    public bool MustReport { get; private set; }

    /// <summary>The broker has just lost writes: is one among them that this worker knows to be done?</summary>
    public bool LostOneOfMine => LastLeased is { } call && model.LastCallOf(call.Session) < call.Number;

    public bool AwaitsReport { get; private set; }

    /// <summary>Set with <see cref="MustReport"/> while the broker remembers that call: its next loss may take the mark that a successor would be told by.</summary>
    public bool OwesReport { get; private set; }

    /// <summary>Its process dies when the next lease call is answered, before anybody has looked at the answer.</summary>
    public bool DiesAtAnswer { get; set; }

    public override Task<EnqueueReply> EnqueueAsync(EnqueueRequest request, CancellationToken cancellationToken) =>
        CallAsync(() => model.Enqueue(request), cancellationToken);

    public override async Task<LeaseReply> LeaseAsync(LeaseRequest request, CancellationToken cancellationToken)
    {
        // Whether it awaits a report is asked in the step itself: an answer from before the loss tells nothing of it.
        var (reply, awaited, loss) = await CallAsync(() => (Lease(request), AwaitsReport, losses), cancellationToken);
        if (reply.Answer.Standing is CallStanding.Applied or CallStanding.Repeated)
        {
            LastLeased = request.Call;
            MustReport |= awaited;
            OwesReport |= awaited && loss == losses;
            if (loss < losses)
            {
                // Answered before the loss, and known only now: lost as well, unless a copy of it was done again meanwhile. Then its number fits, and nobody can tell.
                AwaitsReport = LostOneOfMine;
            }
        }

        if (DiesAtAnswer)
        {
            process.Turns.DieAfter(0);
        }

        firstEpoch ??= reply.Answer.Epoch;
        return bug == PlantedBug.RegressionUnnoticed ? reply with { Answer = reply.Answer with { Epoch = firstEpoch.Value, StateRegressed = false } } : reply;
    }

    public override async Task<SettleReply> SettleAsync(SettleRequest request, CancellationToken cancellationToken)
    {
        var requests = request.Settlements;
        Tell(What.SettleAsked, requests);
        try
        {
            var answer = CallAsync(() => model.SettleAll(requests), cancellationToken);
            var results = bug == PlantedBug.SlotFreedBeforeTheAnswer ? [.. requests.Select(_ => SettleResult.Settled)] : await answer;
            Tell(What.SettleAnswered, requests, results);
            return new SettleReply(results);
        }
        catch (BrokerException)
        {
            Tell(What.SettleFailed, requests);
            throw;
        }
    }

    public override Task<ReturnReply> ReturnAsync(ReturnRequest request, CancellationToken cancellationToken) =>
        CallAsync(() => model.ReturnSession(request), cancellationToken);

    /// <summary>The broker has just lost writes.</summary>
    public void NoteLoss()
    {
        // Anew each time: what one rollback took, the next may bring back before anybody has looked.
        (AwaitsReport, OwesReport) = (LostOneOfMine, false);
        losses++;
    }

    public override IRenewalConnection OpenRenewalConnection() => throw new NotSupportedException("All queues of a worker share one: RenewalLink.");

    /// <summary>Blocks its thread, so the rest of the world goes on inside it.</summary>
    public IReadOnlyList<RenewResult> Renew(IReadOnlyList<HeldLease> leases, TimeSpan visibilityTimeout)
    {
        var fate = bug == PlantedBug.NoRenewal ? Fate.RequestLost : network.Draw(worker, isRenewal: true);
        IReadOnlyList<RenewResult>? results = null;
        if (fate is Fate.Answered or Fate.ReplyLost)
        {
            Wait(network.Way());
            results = model.RenewAll(leases, visibilityTimeout);
            Wait(network.Way());
        }
        else if (fate == Fate.Held)
        {
            loop.After(network.Hiding(), () => model.RenewAll(leases, visibilityTimeout));
        }

        if (fate == Fate.Answered && results is not null)
        {
            return results;
        }

        Wait(fate == Fate.Refused ? TimeSpan.FromMilliseconds(5) : options.CallTimeout);
        throw fate == Fate.Refused ? Refusing : Silent;
    }

    public override IHintSubscription Listen(QueueName queue, Action<QueueHint> hint)
    {
        hints.Add(hint);
        return new Listening();
    }

    public void Hint() => process.Do(() => hints.ForEach(hint => hint(QueueHint.Ready)));

    private void Wait(TimeSpan time)
    {
        loop.RunUntil(loop.Now + time.Ticks);
        while (process is { IsAlive: true, IsPaused: true })
        {
            loop.RunUntil(process.PausedUntil);
        }
    }

    private QueueStatistics Count() => model.Count();

    private LeaseReply Lease(LeaseRequest request)
    {
        var reply = model.Lease(request, process.Clock.WallOffset);
        if (bug == PlantedBug.AckBeforeRun)
        {
            _ = model.SettleAll([.. reply.Messages.Select(leased => new LeaseSettlement(leased.Lease, Settlement.Ack.Plain))]);
        }

        if (request.Call == LastLeased && reply.Answer.Standing == CallStanding.Applied)
        {
            // The blind spot of call numbers: a request that hid in the network since before the loss is done a second time, its answer tells nobody, and the
            // number that follows it fits again.
            AwaitsReport = false;
        }

        return reply;
    }

    private void Tell(What what, IReadOnlyList<LeaseSettlement> requests, IReadOnlyList<SettleResult>? results = null)
    {
        for (var index = 0; index < requests.Count; index++)
        {
            var (lease, settlement) = requests[index];
            history.Add(what, run, lease.Message, lease.Token, number: results is null ? 0 : (int)results[index], detail: settlement);
        }
    }

    private Task<T> CallAsync<T>(Func<T> execute, CancellationToken cancellationToken)
    {
        var call = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var fate = network.Draw(worker, isRenewal: false);
        switch (fate)
        {
            case Fate.Answered:
                loop.After(network.Way(), () =>
                {
                    var answer = execute();
                    process.After(network.Way(), () => call.TrySetResult(answer));
                });
                break;
            case Fate.ReplyLost:
                loop.After(network.Way(), () => execute());
                break;
            case Fate.Held:
                loop.After(network.Hiding(), () => execute());
                break;
        }

        process.After(fate == Fate.Refused ? TimeSpan.FromMilliseconds(5) : options.CallTimeout, () => call.TrySetException(fate == Fate.Refused ? Refusing : Silent));
        if (cancellationToken.CanBeCanceled)
        {
            cancellationToken.UnsafeRegister(_ => call.TrySetCanceled(cancellationToken), null);
        }

        return call.Task;
    }

    private sealed class LinkAdmin(BrokerLink link) : DelegatingAdmin(NoBroker.Instance)
    {
        public override Task<IReadOnlyList<BrokerFinding>> CheckAsync(CancellationToken cancellationToken) =>
            link.CallAsync<IReadOnlyList<BrokerFinding>>(() => [], cancellationToken);

        public override Task<QueueStatistics> GetStatisticsAsync(QueueName queue, CancellationToken cancellationToken) =>
            link.CallAsync(link.Count, cancellationToken);
    }

    private sealed class Listening : IHintSubscription
    {
        public bool IsHeard => true;

        public void Dispose()
        {
        }
    }
}
