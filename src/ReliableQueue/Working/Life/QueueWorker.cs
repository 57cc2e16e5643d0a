using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;
using ReliableQueue.Producing;
using ReliableQueue.Working;
using ReliableQueue.Working.Lease;
using ReliableQueue.Working.Handle;
using ReliableQueue.Working.Settle;
using ReliableQueue.State;

namespace ReliableQueue.Working.Life;

/// <summary>
/// One queue of a worker from start to end: replay what earlier runs left unsettled, return what they held, lease until stopped, drain. Built and run on the worker's
/// scheduler.
/// </summary>
internal sealed class QueueWorker : IDisposable
{
    private readonly IQueueBroker broker;
    private readonly WorkerSeams seams;
    private readonly QueueMemory memory;
    private readonly LeaseTable table;
    private readonly Slots slots;
    private readonly Settler settler;
    private readonly LeasePump pump;
    private readonly SessionStart start;
    private readonly QueueDrain drain;
    private readonly CancellationTokenSource stopping = new();
    private readonly CancellationTokenSource abandon = new();

    public QueueWorker(QueueBlueprint queue, WorkerBlueprint worker, IWorkerState state, LeaseKeeper keeper, WorkerSeams seams)
    {
        (broker, this.seams) = (worker.Broker, seams);
        var (leasing, settling, handlers) = queue;
        memory = new QueueMemory(state, new StateScope(broker.Info.Identity, queue.Queue));
        table = new LeaseTable(leasing, seams.Time);
        slots = new Slots(leasing.Concurrency, seams.Time);
        Watch = new RegressionWatch(memory, seams.Time, seams.Logger);
        settler = new Settler(settling, broker, table, slots, memory, seams.Meter, seams.Time, seams.Random, seams.Logger);
        var invoker = new HandlerInvoker(handlers, MiddlewareChain.Of(queue.Middleware), seams.Scopes, seams.Meter, seams.Time, seams.Logger);
        var pipeline = new DeliveryPipeline(invoker, new SettlementPolicy(settling), settler, memory, seams.Time, seams.Random, seams.Logger);
        pump = new LeasePump(leasing, broker, table, slots, Watch, memory, pipeline.Start, seams.Meter, seams.Time, seams.Random, seams.Logger);
        table.SuspectGone += pump.Hint;
        start = new SessionStart(memory, settler, new SessionReturn(leasing, broker, memory, Watch, seams.Meter, seams.Logger), seams);
        drain = new QueueDrain(queue.Queue, leasing.HandlerGrace, table, slots, settler, seams);
        Gauges = new QueueGauges(worker.Name, queue, broker, seams);
        keeper.Keep(table);
    }

    public QueueName Queue => memory.Queue;

    public RegressionWatch Watch { get; }

    /// <summary>The outage of the broker that lasts now; null while it answers.</summary>
    public Outage? Outage => start.Outage ?? pump.Outage;

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
        await drain.RunAsync(drainTimeout, pumping, abandon.Token);

        // The settler ends when nothing can come any more.
        abandon.Cancel();
        settler.Close();
        await settling;
        await EndSessionAsync(await pumping);
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
            return broker.Listen(Queue, _ => pump.Hint());
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
            if (!await start.BeginAsync(stopping.Token, abandon.Token))
            {
                return PumpEnd.Stopped;
            }

            var (lane, end) = (new CallLane(start.Session, lane: 0), PumpEnd.Stopped);
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

    /// <summary>Ends the session if it surely holds nothing.</summary>
    private async Task EndSessionAsync(PumpEnd end)
    {
        if (start.Session == default || end == PumpEnd.Abandoned || settler.HasAbandoned || slots.Taken > 0 || memory.Fault is not null)
        {
            return;
        }

        try
        {
            await memory.EndSessionAsync(start.Session);
        }
        catch (StateFileException exception)
        {
            // The next start returns a session that holds nothing: harmless.
            QueueLog.StartStepFailed(seams.Logger, Queue.Value, 1, exception);
        }
    }
}
