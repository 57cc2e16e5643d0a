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
internal sealed class SessionStart(QueueMemory memory, Settler settler, SessionReturn sessionReturn, WorkerSeams seams)
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
        var begun = SessionId.New(seams.Random);
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
                Outage = exception is BrokerException fault ? new Outage(Outage?.Since ?? seams.Time.GetTimestamp(), fault) : Outage;
                QueueLog.StartStepFailed(seams.Logger, memory.Queue.Value, failures, exception);
            }

            await seams.Time.PauseAsync(RetryPause.After(failures, seams.Random), stopping);
        }

        return default;
    }
}
