using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;
using ReliableQueue.Messages;
using ReliableQueue.TestKit;
using ReliableQueue.Working.Lease;

namespace ReliableQueue.Tests.Worker;

/// <summary>Parts of a worker for tests of one part alone.</summary>
internal static class Given
{
    public static QueueMeter Meter { get; } = new();

    public static Surroundings Surroundings(TimeProvider time, ILogger? logger = null) =>
        new(new ServiceCollection().BuildServiceProvider().GetRequiredService<IServiceScopeFactory>(), time, new SeededRandom(1), logger ?? NullLogger.Instance, Meter);

    public static QueueSignals Signals(QueueName queue, TimeProvider time, ILogger? logger = null) => new(queue, Surroundings(time, logger));

    public static LeaseSettings LeaseSettings(QueueName queue) => new()
    {
        Queue = queue,
        Concurrency = 16,
        VisibilityTimeout = TimeSpan.FromSeconds(30),
        MaxDeliveries = 5,
        PollInterval = TimeSpan.FromSeconds(1),
        HandlerGrace = TimeSpan.Zero,
        Limits = new MessageLimits(1024, 1, 1),
    };

    /// <summary>A first delivery of a message without a body, leased until the deadline.</summary>
    public static Delivery Delivery(QueueName queue, TimeProvider time, long deadline = long.MaxValue, int deliveryCount = 1)
    {
        var random = new SeededRandom(1);
        var id = MessageId.New(time, random);
        var leased = new LeasedMessage(new HeldLease(id, new LeaseToken(SessionId.New(random), 1)), default, deliveryCount, 0);
        var hold = new LeaseHold(new LeaseTerms(time, TaskScheduler.Default, Signals(queue, time)), id, deadline);
        return new Delivery(queue, leased, EnvelopeReading.Of(Envelope.Unread), hold);
    }
}
