using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;
using ReliableQueue.Pipeline;
using ReliableQueue.Pipeline.Leasing;
using ReliableQueue.Pipeline.Processing;
using ReliableQueue.Pipeline.Settling;
using ReliableQueue.State;

namespace ReliableQueue.Hosting;

/// <summary>
/// One queue of a worker from start to end: replay what earlier runs left unsettled, return what they held, lease until stopped, drain. Built and run on the worker's
/// scheduler.
/// </summary>
internal sealed class QueueWorker : IDisposable
{
    private static readonly TimeSpan SettleTimeout = TimeSpan.FromSeconds(3);

    private readonly QueueOptions options;
    private readonly IQueueBroker broker;
    private readonly IWorkerState state;
    private readonly WorkerSeams seams;
    private readonly StateScope scope;
    private readonly LeaseTable table;
    private readonly Slots slots;
    private readonly Settler settler;
    private readonly LeasePump pump;
    private readonly SessionReturn sessionReturn;
    private readonly CancellationTokenSource stopping = new();
    private readonly CancellationTokenSource abandon = new();
    private SessionId session;
    private Outage? startOutage;

    public QueueWorker(QueueBlueprint queue, WorkerBlueprint worker, IWorkerState state, LeaseKeeper keeper, WorkerSeams seams)
    {
        (options, broker, this.state, this.seams) = (queue.Options, worker.Broker, state, seams);
        var leasing = options.ForLeasing(queue.Queue, worker.Limits);
        var settling = options.ForSettling(queue.Queue);
        scope = new StateScope(broker.Identity, queue.Queue);
        table = new LeaseTable(leasing, seams.Time);
        slots = new Slots(options.Concurrency, seams.Time);
        Watch = new RegressionWatch(scope, state, seams.Time, seams.Logger);
        settler = new Settler(settling, broker, table, slots, state, scope, seams.Meter, seams.Time, seams.Random, seams.Logger);
        var invoker = new HandlerInvoker(queue.Handlers, seams.Scopes, seams.Meter, seams.Time, seams.Logger);
        var pipeline = new DeliveryPipeline(invoker, new SettlementPolicy(settling), settler, state, scope, seams.Random, seams.Logger);
        pump = new LeasePump(leasing, broker, table, slots, Watch, state, scope, pipeline.Start, seams.Meter, seams.Time, seams.Random, seams.Logger);
        table.SuspectGone += pump.Hint;
        sessionReturn = new SessionReturn(leasing, broker, state, scope, Watch, seams.Meter, seams.Logger);
        Gauges = new QueueGauges(worker.Name, queue, broker, seams);
        keeper.Keep(table);
    }

    public QueueName Queue => scope.Queue;

    public RegressionWatch Watch { get; }

    /// <summary>The outage of the broker that lasts now; null while it answers.</summary>
    public Outage? Outage => startOutage ?? pump.Outage;

    /// <summary>How many handlers ignore their token.</summary>
    public int Overrunning => table.Overrunning;

    public QueueGauges Gauges { get; }

    /// <summary>Deliveries in hand, settlements that wait for an answer included.</summary>
    public int InHand => slots.Taken;

    /// <summary>Lease no more, from this moment.</summary>
    public void Stop()
    {
        pump.Stop();
        stopping.Cancel();
    }

    /// <summary>Runs until stopped and drained. Never throws for an outage.</summary>
    /// <param name="drainTimeout">How long handlers may go on after <see cref="Stop"/>.</param>
    public async Task RunAsync(TimeSpan drainTimeout)
    {
        using var listening = Listen();
        var settling = SuperviseAsync(() => settler.RunAsync(abandon.Token));
        var pumping = PumpAsync();
        var measuring = Gauges.RunAsync(stopping.Token);
        await seams.Time.PauseAsync(Timeout.InfiniteTimeSpan, stopping.Token);
        await DrainAsync(drainTimeout, pumping);
        await SettleRestAsync(settling, pumping);
        await measuring;
    }

    public void Dispose()
    {
        stopping.Dispose();
        abandon.Dispose();
    }

    private IDisposable? Listen()
    {
        try
        {
            return broker.Listen(Queue, pump.Hint);
        }
        catch (Exception exception)
        {
            // Hints only make it sooner: polling finds every message.
            QueueLog.LoopFailed(seams.Logger, Queue.Value, exception);
            return null;
        }
    }

    private async Task<PumpEnd> PumpAsync()
    {
        while (true)
        {
            var earlier = await PersistAsync(BeginSessionAsync);
            if (earlier is null || !await PersistAsync(() => RecoverAsync(earlier)))
            {
                return PumpEnd.Stopped;
            }

            var (lane, end) = (new CallLane(session, lane: 0), PumpEnd.Stopped);
            await SuperviseAsync(async () => end = await pump.RunAsync(lane, abandon.Token));
            if (end != PumpEnd.Fenced)
            {
                return end;
            }

            QueueLog.SessionFenced(seams.Logger, Queue.Value);
        }
    }

    /// <summary>Runs a loop on after a fault that is not the broker's: a queue must not fall silent because of a bug.</summary>
    private async Task SuperviseAsync(Func<Task> loop)
    {
        for (var failures = 1; ; failures++)
        {
            try
            {
                await loop();
                return;
            }
            catch (Exception exception)
            {
                QueueLog.LoopFailed(seams.Logger, Queue.Value, exception);
            }

            await seams.Time.PauseAsync(RetryPause.After(failures, seams.Random), abandon.Token);
        }
    }

    private async Task<Queue<EarlierSession>> BeginSessionAsync()
    {
        var begun = SessionId.New(seams.Random);
        var earlier = await state.BeginSessionAsync(scope, begun);
        session = begun;
        return new Queue<EarlierSession>(earlier);
    }

    private async Task<bool> RecoverAsync(Queue<EarlierSession> earlier)
    {
        await settler.ReplayAsync(abandon.Token);
        while (earlier.TryPeek(out var next))
        {
            await sessionReturn.ReturnAsync(next, abandon.Token);
            earlier.Dequeue();
        }

        return true;
    }

    /// <summary>Does a step of the start until it succeeds; default when the worker is stopped before.</summary>
    private async Task<T?> PersistAsync<T>(Func<Task<T>> step)
    {
        for (var failures = 1; !stopping.IsCancellationRequested; failures++)
        {
            try
            {
                var done = await step();
                startOutage = null;
                return done;
            }
            catch (OperationCanceledException) when (abandon.IsCancellationRequested)
            {
                return default;
            }
            catch (Exception exception)
            {
                // Whatever it is: a worker that gave up here would never lease.
                startOutage = exception is BrokerException fault ? new Outage(startOutage?.Since ?? seams.Time.GetTimestamp(), fault) : startOutage;
                QueueLog.StartStepFailed(seams.Logger, Queue.Value, failures, exception);
            }

            await seams.Time.PauseAsync(RetryPause.After(failures, seams.Random), stopping.Token);
        }

        return default;
    }

    private async Task DrainAsync(TimeSpan drainTimeout, Task pumping)
    {
        var startedAt = seams.Time.GetTimestamp();
        await EmptyAsync(startedAt, drainTimeout, pumping);
        if (slots.Taken == 0)
        {
            return;
        }

        QueueLog.DrainOver(seams.Logger, Queue.Value, slots.Taken);
        foreach (var delivery in table.All())
        {
            delivery.Hold.Cancel(CancellationReason.Shutdown);
        }

        await EmptyAsync(startedAt, drainTimeout + options.HandlerGrace, pumping);
    }

    /// <summary>Waits until nothing is in hand, at most until so long after the drain began.</summary>
    private async Task EmptyAsync(long startedAt, TimeSpan longest, Task pumping)
    {
        while (longest - seams.Time.GetElapsedTime(startedAt) is var left && left > TimeSpan.Zero)
        {
            if (!pumping.IsCompleted)
            {
                // A lease call in flight may still bring messages: they are released as they come.
                await Task.WhenAny(pumping, seams.Time.PauseAsync(left, abandon.Token));
            }
            else if (slots.Taken > 0)
            {
                await slots.Freed.WaitAsync(left);
            }
            else
            {
                return;
            }
        }
    }

    /// <summary>Releases what still runs, settles to the end, and ends the session if it surely holds nothing.</summary>
    private async Task SettleRestAsync(Task settling, Task<PumpEnd> pumping)
    {
        foreach (var delivery in table.All())
        {
            // Its handler ignores its token. The message goes to another worker now: the handler may no longer believe in its lease, and what it still returns is not
            // settled.
            delivery.Hold.Lose();
            _ = settler.SettleAsync(delivery, new Settlement.Release(TimeSpan.Zero));
        }

        // A lease call in flight may still bring messages, which must be released too: the settler ends when nothing can come any more.
        await EmptyAsync(seams.Time.GetTimestamp(), SettleTimeout, pumping);
        abandon.Cancel();
        settler.Close();
        await settling;
        var end = await pumping;
        if (session != default && end != PumpEnd.Abandoned && !settler.HasAbandoned && slots.Taken == 0 && state.Fault is null)
        {
            await EndSessionAsync();
        }
    }

    private async Task EndSessionAsync()
    {
        try
        {
            await state.EndSessionAsync(scope, session);
        }
        catch (StateFileException exception)
        {
            // The next start returns a session that holds nothing: harmless.
            QueueLog.StartStepFailed(seams.Logger, Queue.Value, 1, exception);
        }
    }
}
