using ReliableQueue.Broker;
using ReliableQueue.Producing;
using ReliableQueue.Diagnostics;
using ReliableQueue.Working.Lease;
using ReliableQueue.State;

namespace ReliableQueue.Working.Life;

/// <summary>One worker of an application: waits for its state file and its broker, then runs all its queues, until it is stopped and drained.</summary>
internal sealed class ReliableWorker(WorkerBlueprint blueprint, StateOpening opening, Surroundings surroundings) : IDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private readonly Lock ending = new();
    private readonly BrokerGate gate = new(blueprint.Broker, surroundings);
    private volatile QueueWorker[] queues = [];
    private string? heldBy;

    public WorkerBlueprint Blueprint => blueprint;

    /// <summary>The clock the worker runs on.</summary>
    public TimeProvider Time => surroundings.Time;

    /// <summary>Who holds the state file while this worker waits for it; null when it does not wait.</summary>
    public string? StateHeldBy => Volatile.Read(ref heldBy);

    /// <summary>Since when it has waited, as a timestamp of the clock.</summary>
    public long WaitingSince { get; private set; }

    /// <summary>What is wrong with the state file; null when nothing is.</summary>
    public string? StateFault => FailedWith ?? State?.Fault;

    /// <summary>Why the broker is not used; null when it is.</summary>
    public string? BrokerRefusal => gate.Refusal;

    public IReadOnlyList<QueueWorker> Queues => queues;

    public StateOpening Opening => opening;

    private IWorkerState? State { get; set; }

    private string? FailedWith { get; set; }

    /// <summary>The worker of an application, with its state where its options say.</summary>
    public static ReliableWorker OfApplication(WorkerBlueprint blueprint, Surroundings surroundings) =>
        new(blueprint, StateOpening.Of(blueprint.StateFile, surroundings), surroundings);

    /// <summary>What can be refused before the host starts: a file that cannot be used, a broker that answers and is unsafe.</summary>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        opening.Inspect();
        await gate.TryPassAsync(cancellationToken);
    }

    /// <summary>Lease no more, and start the drain's clock.</summary>
    public void Stop()
    {
        // The host says it twice, and the second time the queues may be ending: one that is disposed cannot be told.
        lock (ending)
        {
            stopping.Cancel();
            foreach (var queue in queues)
            {
                queue.Stop();
            }
        }
    }

    /// <summary>Runs until stopped and drained. Never throws: what goes wrong is logged, reported by health, and tried again.</summary>
    public async Task RunAsync()
    {
        for (var failures = 1; !stopping.IsCancellationRequested; failures++)
        {
            try
            {
                WaitingSince = surroundings.Time.GetTimestamp();
                await using var state = await opening.OpenAsync(Wait, stopping.Token);
                (State, FailedWith) = (state, null);
                Volatile.Write(ref heldBy, null);
                await gate.PassAsync(stopping.Token);
                await RunQueuesAsync(state);
                return;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                FailedWith = exception.Message;
                QueueLog.WorkerFailed(surroundings.Logger, blueprint.Name, exception);
            }
            finally
            {
                State = null;
            }

            await surroundings.Time.PauseAsync(RetryPause.After(failures, surroundings.Random), stopping.Token);
        }
    }

    /// <summary>A host whose start failed disposes what it started without stopping it: a worker that went on would lease for nobody.</summary>
    public void Dispose() => Stop();

    private async Task RunQueuesAsync(IWorkerState state)
    {
        using var connection = blueprint.Broker.OpenRenewalConnection();
        var keeper = new LeaseKeeper(connection, surroundings.Time);
        using var thread = new LeaseKeeperThread(keeper, surroundings.Time, surroundings.Logger);
        var running = Array.ConvertAll([.. blueprint.Queues], queue => new QueueWorker(queue, blueprint, state, keeper, surroundings));
        queues = running;
        if (stopping.IsCancellationRequested)
        {
            // Stop came between the gate and the list: it found nobody to tell.
            Stop();
        }

        thread.Start();
        QueueLog.WorkerStarted(surroundings.Logger, blueprint.Name, running.Length, blueprint.Broker.Info.Identity, opening.Path);
        try
        {
            await Task.WhenAll(running.Select(queue => queue.RunAsync(blueprint.DrainTimeout)));
        }
        finally
        {
            lock (ending)
            {
                queues = [];
            }

            foreach (var queue in running)
            {
                queue.Dispose();
            }
        }
    }

    private void Wait(string owner)
    {
        if (Interlocked.Exchange(ref heldBy, owner) is null)
        {
            QueueLog.StateFileHeld(surroundings.Logger, opening.Path, owner);
        }
    }
}
