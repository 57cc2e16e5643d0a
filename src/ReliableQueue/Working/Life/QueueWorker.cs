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
    private readonly QueueMemory memory;
    private readonly QueueSignals signals;
    private readonly Surroundings surroundings;
    private readonly InHand inHand;
    private readonly Settler settler;
    private readonly DeliveryPipeline pipeline;
    private readonly LeasePump pump;
    private readonly SessionStart start;
    private readonly QueueDrain drain;
    private readonly SessionAnnouncer announcer;
    private readonly CancellationTokenSource stopping = new();
    private readonly CancellationTokenSource abandon = new();

    public QueueWorker(QueueBlueprint queue, WorkerBlueprint worker, IWorkerState state, LeaseKeeper keeper, Surroundings surroundings)
    {
        (broker, this.surroundings) = (worker.Broker, surroundings);
        memory = new QueueMemory(state, new StateScope(broker.Info.Identity, queue.Queue));
        signals = new QueueSignals(queue.Queue, surroundings);
        inHand = new InHand(queue.Leasing, surroundings.Time);
        Losses = new LossWatch(memory, surroundings.Time, signals);
        var journal = new SettlementJournal(queue.Settling, memory, surroundings.Time, signals);
        settler = new Settler(queue.Settling, broker, inHand, journal, signals, surroundings);
        var invoker = new HandlerInvoker(queue.Handlers, MiddlewareChain.Of(queue.Middleware), signals, surroundings);
        pipeline = new DeliveryPipeline(invoker, new SettlementPolicy(queue.Settling), settler, memory, signals, surroundings);
        pump = new LeasePump(new LeaseCalls(queue.Leasing, broker, memory, signals, surroundings), inHand, Losses, memory, signals, surroundings);
        start = new SessionStart(memory, settler, new SessionReturn(queue.Leasing, broker, memory, Losses, signals), signals, surroundings);
        drain = new QueueDrain(inHand, settler, signals, surroundings.Time);
        announcer = new SessionAnnouncer(worker.Name, queue.Leasing, broker, signals, surroundings);
        Gauges = new QueueGauges(worker.Name, queue.Leasing, broker, signals, surroundings);
        keeper.Keep(inHand, signals);
    }

    public QueueName Queue => memory.Queue;

    /// <summary>What was noticed of acknowledged writes that the broker lost.</summary>
    public LossWatch Losses { get; }

    /// <summary>The outage of the broker that lasts now; null while it answers.</summary>
    public Outage? Outage => start.Outage ?? pump.Outage;

    /// <summary>How many handlers ignore their token.</summary>
    public int Overrunning => inHand.Overrunning;

    public QueueGauges Gauges { get; }

    /// <summary>Deliveries that the worker holds, settlements that wait for an answer included.</summary>
    public int InHand => inHand.Taken;

    /// <summary>Lease no more, from this moment.</summary>
    public void Stop() => stopping.Cancel();

    /// <summary>Runs until stopped and drained. Never throws for an outage.</summary>
    /// <param name="drainTimeout">How long handlers may go on after <see cref="Stop"/>.</param>
    public async Task RunAsync(TimeSpan drainTimeout)
    {
        using var listening = Listen();
        var settling = SuperviseAsync(() => settler.RunAsync(abandon.Token));
        var pumping = PumpAsync();
        var measuring = Gauges.RunAsync(stopping.Token);
        var announcing = announcer.RunAsync(drain.LongestAfter(drainTimeout), stopping.Token, abandon.Token);
        await surroundings.Time.PauseAsync(Timeout.InfiniteTimeSpan, stopping.Token);
        await drain.RunAsync(drainTimeout, pumping, abandon.Token);

        // The settler ends when nothing can come any more.
        abandon.Cancel();
        settler.Close();
        await settling;
        await EndSessionAsync(await pumping);
        await measuring;
        await announcing;
    }

    public void Dispose()
    {
        settler.Dispose();
        signals.Leave();
        stopping.Dispose();
        abandon.Dispose();
    }

    private IHintSubscription? Listen()
    {
        try
        {
            var hints = broker.Listen(Queue, _ => pump.Hint());
            pump.HearBy(hints);
            return hints;
        }
        catch (Exception exception)
        {
            // Hints only make it sooner: polling finds every message.
            signals.LoopFailed(exception);
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

            announcer.Begin(start.Session);
            var (lane, end) = (new CallLane(start.Session, lane: 0), PumpEnd.Stopped);
            await SuperviseAsync(async () => end = await pump.RunAsync(lane, pipeline.Start, stopping.Token, abandon.Token));
            if (end != PumpEnd.Fenced)
            {
                return end;
            }

            signals.SessionFenced();
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
                signals.LoopFailed(exception);
            }

            await surroundings.Time.PauseAsync(RetryPause.After(failures, surroundings.Random), abandon.Token);
        }
    }

    /// <summary>Ends the session if it surely holds nothing.</summary>
    private async Task EndSessionAsync(PumpEnd end)
    {
        if (start.Session == default || end == PumpEnd.Abandoned || settler.HasAbandoned || inHand.Taken > 0 || memory.Fault is not null)
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
            signals.StartStepFailed(1, exception);
        }
    }
}
