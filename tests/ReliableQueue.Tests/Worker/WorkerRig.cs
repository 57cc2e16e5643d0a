using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ReliableQueue.Broker;
using ReliableQueue.Producing;
using ReliableQueue.Diagnostics;
using ReliableQueue.Setup;
using ReliableQueue.Working.Life;
using ReliableQueue.Messages;
using ReliableQueue.Working.Lease;
using ReliableQueue.Working.Handle;
using ReliableQueue.State;
using ReliableQueue.TestKit;

namespace ReliableQueue.Tests.Worker;

/// <summary>The real worker of one queue on a virtual clock and one thread, against the broker in memory.</summary>
internal sealed class WorkerRig : IDisposable
{
    /// <summary>The queue; telemetry tests, which listen to the whole process, name one of their own.</summary>
    public QueueName Queue { get; init; } = QueueName.Parse("work");

    private static readonly MessageLimits Limits = new(64 * 1024, 32, 8192);

    private TurnScheduler turns = new();
    private readonly ServiceProvider services;
    private readonly List<QueueWorker> workers = [];
    private readonly QueueMeter meter = new();
    private CallLane? producer;
    private LeaseKeeper? keeper;

    public VirtualTime Time { get; } = new();

    public FaultyBroker Broker { get; }

    public MemoryState State { get; set; } = new();

    public QueueOptions Options { get; } = new();

    /// <summary>The type the next worker to start has a handler for.</summary>
    public string KnownType { get; set; } = "work";

    /// <summary>What the handler of the known type does.</summary>
    public Func<MessageContext, CancellationToken, Task> Handler { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>The deliveries that reached the handler.</summary>
    public List<MessageContext> Handled { get; } = [];

    /// <summary>Reads the body for the handler; what it throws says that it is no such message.</summary>
    public Func<ReadOnlyMemory<byte>, int> Read { get; set; } = _ => 0;

    /// <summary>Sees the service scope of every delivery that reaches the handler.</summary>
    public Action<IServiceProvider>? OnCall { get; set; }

    /// <summary>Runs when a service of the handler's scope is disposed; null leaves the scope empty.</summary>
    public Action? OnScopeEnd { get; set; }

    /// <summary>What becomes of an envelope on its way into the broker.</summary>
    public Func<byte[], byte[]> Seal { get; init; } = envelope => envelope;

    /// <summary>Where chance comes from.</summary>
    public IRandomSource Random { get; init; } = new SeededRandom(1);

    public ILogger Logger { get; init; } = NullLogger.Instance;

    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(25);

    /// <param name="register">Adds services for the scopes of deliveries. Default: none.</param>
    public WorkerRig(Action<IServiceCollection>? register = null)
    {
        Broker = new FaultyBroker(Time);
        var collection = new ServiceCollection().AddScoped(_ => new ScopeEnd(() => OnScopeEnd?.Invoke()));
        register?.Invoke(collection);
        services = collection.BuildServiceProvider();
    }

    /// <summary>Whether a continuation ran off the one thread.</summary>
    public bool Escaped => turns.Escaped;

    public QueueStatistics Statistics => Broker.Admin.GetStatisticsAsync(Queue, default).Result;

    public IReadOnlyList<StoredMessage> DeadLetters => Broker.DeadLettersAsync(Queue, default).Result;

    /// <summary>What its records are filed under.</summary>
    public StateScope Scope => new(Broker.Info.Identity, Queue);

    public Task Running { get; private set; } = Task.CompletedTask;

    /// <summary>What handles the known type in the place of <see cref="Handler"/>; null: nothing does.</summary>
    public HandlerRegistration? Registration { get; set; }

    public QueueWorker Start()
    {
        var handler = Registration ?? new HandlerRegistration<int>(KnownType, body => Read(body), async (scope, _, context, cancellationToken) =>
        {
            Handled.Add(context);
            OnCall?.Invoke(scope);
            if (OnScopeEnd is not null)
            {
                scope.GetRequiredService<ScopeEnd>();
            }

            await Handler(context, cancellationToken);
        });
        var blueprint = new WorkerBlueprint("", Broker, new StateFileBlueprint("", "", TimeSpan.Zero), DrainTimeout, [Options.ToBlueprint(Queue, Limits, [handler])]);
        var surroundings = new Surroundings(services.GetRequiredService<IServiceScopeFactory>(), Time, Random, Logger, meter);
        keeper = new LeaseKeeper(Broker.OpenRenewalConnection(), Time);
        QueueWorker? worker = null;
        Running = turns.Start(() =>
        {
            worker = new QueueWorker(blueprint.Queues[0], blueprint, State, keeper, surroundings);
            return worker.RunAsync(DrainTimeout);
        });
        turns.RunUntilIdle();
        workers.Add(worker ?? throw new InvalidOperationException("The worker was not built."));
        return worker;
    }

    /// <summary>The host begins to stop.</summary>
    public void Stop() => workers[^1].Stop();

    /// <summary>The process is gone: nothing of it runs any more, and nothing was told to the broker.</summary>
    public void Kill() => (keeper, turns) = (null, new TurnScheduler());

    /// <summary>Somebody takes the worker's newest session for dead and returns it.</summary>
    public void ReturnItsSession() => _ = Broker.ReturnAsync(new ReturnRequest(Queue, State.OpenSessions[^1], Options.Retry.MaxDeliveries), default).Result;

    public IReadOnlyList<MessageId> Enqueue(int count, string type = "work", TimeSpan delay = default)
    {
        producer ??= new CallLane(SessionId.New(Random), 0);
        var messages = Enumerable.Range(0, count).Select(_ => new NewMessage(
            MessageId.New(Time, Random),
            Seal(EnvelopeCodec.Encode(new Envelope(Time.GetUtcNow(), type, new Dictionary<string, string>(), "{}"u8.ToArray()))))
        {
            Terms = new MessageTerms { Delay = delay },
        }).ToList();
        _ = Broker.EnqueueAsync(new EnqueueRequest(Queue, producer.Stamp, messages), default).Result;
        producer.Answered();
        turns.RunUntilIdle();
        return [.. messages.Select(message => message.Id)];
    }

    /// <summary>Lets time pass in small steps: timers fire, the keeper steps, everything that became ready runs.</summary>
    public void Advance(TimeSpan by)
    {
        for (var left = by; left > TimeSpan.Zero;)
        {
            turns.RunUntilIdle();
            var pause = keeper?.Step() ?? TimeSpan.FromSeconds(1);
            turns.RunUntilIdle();
            var step = new[] { left, pause, Time.NextTimer ?? left }.Min();
            step = step < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : step;
            Time.Advance(step);
            left -= step;
        }

        turns.RunUntilIdle();
    }

    /// <summary>Runs what is ready without letting time pass.</summary>
    public void Settle() => turns.RunUntilIdle();

    public void Dispose()
    {
        foreach (var worker in workers)
        {
            worker.Dispose();
        }

        meter.Dispose();
        services.Dispose();
    }

    private sealed class ScopeEnd(Action act) : IDisposable
    {
        public void Dispose() => act();
    }
}
