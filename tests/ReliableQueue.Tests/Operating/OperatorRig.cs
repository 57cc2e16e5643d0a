using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;
using ReliableQueue.Messages;
using ReliableQueue.Operating;
using ReliableQueue.Producing;
using ReliableQueue.TestKit;
using ReliableQueue.Tests.Enqueuing;

namespace ReliableQueue.Tests.Operating;

/// <summary>The real operator on a virtual clock, on top of the reference broker with the faults a test gives it, and a queue to fill.</summary>
internal sealed class OperatorRig : IDisposable
{
    public const string Queue = "emails";

    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    private static readonly QueueName Name = QueueName.Parse(Queue);
    private static readonly MessageLimits Limits = new(MaxBodyBytes: 2_000, MaxHeaders: 4, MaxHeaderBytes: 400);

    private readonly QueueMeter meter = new();
    private readonly ServiceProvider services = new ServiceCollection().BuildServiceProvider();
    private readonly SeededRandom random = new(7);
    private readonly TimerWatch watch;
    private readonly MessageEncoder encoder;
    private readonly CallLane lane;

    public OperatorRig(BrokerAbilities? abilities = null)
    {
        watch = new TimerWatch(Time);
        Broker = new FaultyBroker(Time);
        Session = SessionId.New(random);
        lane = new CallLane(Session, 0);
        var serializer = new JsonMessageSerializer([], 64);
        encoder = new MessageEncoder(new MessageTypes(), serializer, Limits, Time, []);
        Operator = new QueueOperator(
            new Declaring(Broker, abilities ?? Broker.Info.Abilities),
            new OperatorSettings(Timeout, Limits, serializer),
            new Surroundings(services.GetRequiredService<IServiceScopeFactory>(), watch, random, NullLogger.Instance, meter));
    }

    public VirtualTime Time { get; } = new();

    public FaultyBroker Broker { get; }

    public QueueOperator Operator { get; }

    /// <summary>Who enqueues, leases and settles.</summary>
    public SessionId Session { get; }

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public async Task<MessageId> EnqueueAsync(string text, params (string Name, string Value)[] headers) =>
        await StoreAsync(encoder.Encode(new Note(text), headers.ToDictionary(header => header.Name, header => header.Value)));

    /// <summary>Stores a message with whatever bytes.</summary>
    public async Task<MessageId> StoreAsync(byte[] envelope)
    {
        var id = MessageId.New(Time, random);
        await StoreAsync([new NewMessage(id, envelope)]);
        return id;
    }

    public async Task<IReadOnlyList<MessageId>> EnqueueAsync(int count)
    {
        var envelope = encoder.Encode(new Note("one of many"), new Dictionary<string, string>());
        var messages = Enumerable.Range(0, count).Select(_ => new NewMessage(MessageId.New(Time, random), envelope)).ToList();
        foreach (var batch in messages.Chunk(BrokerLimits.BatchSize))
        {
            await StoreAsync(batch);
        }

        return [.. messages.Select(message => message.Id)];
    }

    public async Task<IReadOnlyList<LeasedMessage>> LeaseAsync(int most = 1)
    {
        var reply = await Broker.LeaseAsync(new LeaseRequest(Name, lane.Stamp, most, TimeSpan.FromSeconds(30), 5), Token);
        lane.Answered();
        return reply.Messages;
    }

    public async Task SettleAsync(LeasedMessage message, Settlement settlement) =>
        await Broker.SettleAsync(new SettleRequest(Name, [new LeaseSettlement(message.Lease, settlement)]), Token);

    /// <summary>Leases everything that is ready and dead-letters it.</summary>
    public async Task DeadLetterAllAsync(string error = "no such address")
    {
        while (await LeaseAsync(BrokerLimits.BatchSize) is { Count: > 0 } leased)
        {
            await Broker.SettleAsync(
                new SettleRequest(Name, [.. leased.Select(message => new LeaseSettlement(message.Lease, new Settlement.DeadLetter(DeadLetterReason.Rejected, error)))]), Token);
        }
    }

    public async Task<IReadOnlyList<MessageView>> BrowseAsync(MessageState state) => await Operator.BrowseAsync(Queue, state, Token).ToListAsync(Token);

    /// <summary>Every further call of that name fails before it is done.</summary>
    public void Fail(string call, BrokerFault fault) =>
        Broker.Before = name => name == call ? Task.FromException(new BrokerException(fault, "The wire is cut.")) : Task.CompletedTask;

    /// <summary>The next call of that name is done and its answer lost; those after it pass, or fail as told.</summary>
    public void LoseOneAnswer(string call, BrokerFault? thenFail = null) => Broker.After = name =>
    {
        if (name != call)
        {
            return Task.CompletedTask;
        }

        Broker.After = _ => Task.CompletedTask;
        if (thenFail is { } fault)
        {
            Fail(call, fault);
        }

        return Task.FromException(new BrokerException(BrokerFault.Unknown, "The answer was lost."));
    };

    public Task PassPausesUntilAsync(Task end) => watch.PassPausesUntilAsync(end);

    public void Dispose()
    {
        meter.Dispose();
        services.Dispose();
    }

    private async Task StoreAsync(IReadOnlyList<NewMessage> messages)
    {
        await Broker.EnqueueAsync(new EnqueueRequest(Name, new CallStamp(SessionId.New(random), 1, 1), messages), Token);
    }

    /// <summary>A broker that declares other abilities than it has.</summary>
    private sealed class Declaring(IQueueBroker inner, BrokerAbilities abilities) : DelegatingBroker(inner)
    {
        public override BrokerInfo Info => base.Info with { Abilities = abilities };
    }
}
