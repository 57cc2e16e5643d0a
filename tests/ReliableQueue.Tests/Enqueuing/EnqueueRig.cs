using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;
using ReliableQueue.Messages;
using ReliableQueue.Producing;
using ReliableQueue.TestKit;

namespace ReliableQueue.Tests.Enqueuing;

/// <summary>The real client on a virtual clock, against a broker whose answers the test gives.</summary>
internal sealed class EnqueueRig : IAsyncDisposable
{
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    private readonly QueueMeter meter = new();
    private readonly TimerWatch watch;
    private readonly CancellationTokenSource closing = new();

    /// <param name="middleware">What adds headers.</param>
    public EnqueueRig(params IEnqueueMiddleware[] middleware)
    {
        watch = new TimerWatch(Time);
        var random = new SeededRandom(11);
        var limits = new MessageLimits(MaxBodyBytes: 2_000_000, MaxHeaders: 4, MaxHeaderBytes: 400);
        var surroundings = new Surroundings(new NoScopes(), watch, random, NullLogger.Instance, meter);
        Losses = new ProducerLosses(Time);
        Client = new QueueClient(new MessageEncoder(new MessageTypes(), new JsonMessageSerializer([], 64), limits, watch, middleware), Broker, Timeout, surroundings, Losses, closing);
    }

    public VirtualTime Time { get; } = new();

    public ScriptedBroker Broker { get; } = new();

    public QueueClient Client { get; }

    /// <summary>Attempts that a test keeps in flight, one to each lane.</summary>
    public List<EnqueueAttempt> Lanes { get; } = [];

    public ProducerLosses Losses { get; }

    public Task<MessageId> EnqueueAsync(string text = "x", CancellationToken cancellationToken = default) =>
        Client.EnqueueAsync("emails", new Note(text), null, cancellationToken);

    public static Envelope Decoded(NewMessage message) =>
        EnvelopeCodec.Decode(message.Envelope, new MessageLimits(2_000_000, 10, 1000)) is { Fault: null, Envelope: var envelope } ? envelope : throw new InvalidOperationException("The envelope cannot be read.");

    /// <summary>Enqueues a message, stores it, and reads the headers it was sent with.</summary>
    public async Task<IReadOnlyDictionary<string, string>> HeadersSentAsync(EnqueueOptions options)
    {
        var enqueued = Client.EnqueueAsync("emails", new Note("x"), options, default);
        var attempt = await Broker.NextAsync();
        attempt.Store();
        await enqueued;
        return Decoded(attempt.Request.Messages[0]).Headers;
    }

    /// <summary>Waits until a lane pauses after a fault and lets the pause pass.</summary>
    public async Task<TimeSpan> PassPauseAsync()
    {
        var pause = await watch.NextPauseAsync();
        Time.Advance(pause);
        return pause;
    }

    /// <summary>Every further attempt ends in this fault, until the task has ended, however it does.</summary>
    public async Task FailUntilAsync(BrokerFault fault, Task end)
    {
        Broker.Always = fault;
        await watch.PassPausesUntilAsync(end);
        Broker.Always = null;
    }

    /// <summary>The first thing a disposal does, and no more of it.</summary>
    public Task BeginDisposalAsync() => closing.CancelAsync();

    public async Task PauseBegunAsync() => await watch.NextPauseAsync();

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        meter.Dispose();
    }

    /// <summary>A producer makes no scopes.</summary>
    private sealed class NoScopes : IServiceScopeFactory
    {
        public IServiceScope CreateScope() => throw new NotSupportedException();
    }
}
