using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;
using ReliableQueue.Producing;
using ReliableQueue.Working;
using ReliableQueue.Working.Lease;
using ReliableQueue.Working.Settle;
using ReliableQueue.State;

namespace ReliableQueue.Working.Life;

/// <summary>
/// What comes before the first lease: note a session, replay what earlier runs left unsettled, return what they held. A step that fails is done again until it
/// succeeds.
/// </summary>
internal sealed class SessionStart(QueueMemory memory, Settler settler, SessionReturn sessionReturn, QueueSignals signals, Surroundings surroundings)
{
    /// <summary>The session noted last; default before the first.</summary>
    public SessionId Session { get; private set; }

    /// <summary>The outage of the broker that holds a step up; null while none does.</summary>
    public Outage? Outage { get; private set; }

    /// <summary>Begins a session. False: the worker was stopped before all was done.</summary>
    /// <param name="stopping">Fires when the worker is to stop: no step is begun any more.</param>
    /// <param name="abandon">Fires at the end of a drain: the step that runs is given up.</param>
    public async Task<bool> BeginAsync(CancellationToken stopping, CancellationToken abandon)
    {
        var earlier = await PersistAsync(NoteAsync, stopping, abandon);
        return earlier is not null && await PersistAsync(() => RecoverAsync(earlier, abandon), stopping, abandon);
    }

    private async Task<Queue<EarlierSession>> NoteAsync()
    {
        var begun = SessionId.New(surroundings.Random);
        var earlier = await memory.BeginSessionAsync(begun);
        Session = begun;
        return new Queue<EarlierSession>(earlier);
    }

    private async Task<bool> RecoverAsync(Queue<EarlierSession> earlier, CancellationToken abandon)
    {
        await settler.ReplayAsync(abandon);
        while (earlier.TryPeek(out var next))
        {
            await sessionReturn.ReturnAsync(next, abandon);
            earlier.Dequeue();
        }

        return true;
    }

    /// <summary>Does a step until it succeeds; default when the worker is stopped before.</summary>
    private async Task<T?> PersistAsync<T>(Func<Task<T>> step, CancellationToken stopping, CancellationToken abandon)
    {
        for (var failures = 1; !stopping.IsCancellationRequested; failures++)
        {
            try
            {
                var done = await step();
                Outage = null;
                return done;
            }
            catch (OperationCanceledException) when (abandon.IsCancellationRequested)
            {
                return default;
            }
            catch (Exception exception)
            {
                // Whatever it is: a worker that gave up here would never lease.
                Outage = exception is BrokerException error ? new Outage(Outage?.Since ?? surroundings.Time.GetTimestamp(), error) : Outage;
                Tell(failures, exception);
            }

            await surroundings.Time.PauseAsync(RetryPause.After(failures, surroundings.Random), stopping);
        }

        return default;
    }

    private void Tell(int failures, Exception exception)
    {
        switch (exception)
        {
            case BrokerException:
                signals.StartWaitsForBroker(failures, exception);
                break;
            case StateFileException:
                signals.StartWaitsForStateFile(failures, exception);
                break;
            default:
                signals.StartStepFailed(failures, exception);
                break;
        }
    }
}

/// <summary>
/// Gives back at start what earlier runs of this worker still hold, at once rather than when their leases run out. This is why a message whose worker was killed runs
/// again within a second of the restart.
/// </summary>
internal sealed class SessionReturn(LeaseSettings settings, IQueueBroker broker, QueueMemory memory, LossWatch losses, QueueSignals signals)
{
    public async Task ReturnAsync(EarlierSession earlier, CancellationToken cancellationToken)
    {
        ReturnReply reply;
        var (returned, deadLettered, regressed) = (0, 0, false);
        do
        {
            reply = await broker.ReturnAsync(new ReturnRequest(settings.Queue, earlier.Session, settings.MaxDeliveries), cancellationToken);
            returned += reply.Returned;
            deadLettered += reply.DeadLettered;
            regressed |= reply.StateRegressed;
        }
        while (!reply.IsComplete);

        losses.Compare(earlier, reply with { StateRegressed = regressed });
        signals.SessionReturned(earlier.Session, returned, deadLettered);
        await memory.EndSessionAsync(earlier.Session);
    }
}
