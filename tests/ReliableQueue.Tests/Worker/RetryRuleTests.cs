using ReliableQueue.Broker;
using ReliableQueue.TestKit;
using ReliableQueue.Working.Handle;
using ReliableQueue.Working.Settle;

namespace ReliableQueue.Tests.Worker;

/// <summary>Which settlement the rules of a queue make of a failure.</summary>
public sealed class RetryRuleTests
{
    private static readonly QueueName Queue = QueueName.Parse("work");

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly VirtualTime time = new();

    public static TheoryData<string, Exception, int, int?> Failures => new()
    {
        { "the type itself", new TimeoutException(), 1, 1 },
        { "the second of fixed delays", new TimeoutException(), 2, 10 },
        { "the last of fixed delays stays", new TimeoutException(), 4, 10 },
        { "a derived type", new FileNotFoundException(), 1, 100 },
        { "a derived type with a rule of its own, added before", new DirectoryNotFoundException(), 1, null },
        { "an aggregate of one", new AggregateException(new TimeoutException()), 1, 1 },
        { "an aggregate of one aggregate of one", new AggregateException(new AggregateException(new TimeoutException())), 1, 1 },
        { "an aggregate of two is none of them", new AggregateException(new TimeoutException(), new TimeoutException()), 1, 6 },
        { "an exception inside another that is no aggregate", new InvalidOperationException("", new TimeoutException()), 1, 6 },
        { "a condition that holds", new HttpRequestException("429"), 1, 60 },
        { "a condition that holds inside an aggregate", new AggregateException(new HttpRequestException("429")), 1, 60 },
        { "a condition that does not hold: the next rule that fits", new HttpRequestException("500"), 1, 30 },
        { "rejected", new FormatException(), 1, null },
        { "rejected inside an aggregate", new AggregateException(new FormatException()), 1, null },
        { "an exponential backoff", new ArgumentException(), 2, 3 },
        { "no rule", new NotSupportedException(), 1, 6 },
        { "the handler's own delay goes before rules", new RetryMessageException(TimeSpan.FromSeconds(42)), 1, 42 },
        { "the handler's own delay inside an aggregate", new AggregateException(new RetryMessageException(TimeSpan.FromSeconds(42))), 1, 42 },
        { "a delay below zero", new RetryMessageException(TimeSpan.FromSeconds(-42)), 1, 0 },
        { "a delay that is too long", new RetryMessageException(TimeSpan.MaxValue), 1, 365 * 24 * 3_600 },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public void The_first_rule_that_fits_decides(string what, Exception thrown, int deliveries, int? seconds)
    {
        var options = new RetryOptions()
            .On<TimeoutException>(Backoff.Fixed(Second, 10 * Second))
            .Reject<DirectoryNotFoundException>()
            .On<IOException>(Backoff.Fixed(100 * Second))
            .On<HttpRequestException>(Backoff.Fixed(60 * Second), (exception, failure) => exception.Message == "429" && failure.MessageType.Length == 0)
            .On<HttpRequestException>(Backoff.Fixed(30 * Second))
            .Reject<FormatException>()
            .On<ArgumentException>(Backoff.Exponential(2 * Second, 100 * Second));
        var policy = new SettlementPolicy(Settings(options));

        var settlement = policy.Decide(new HandlerOutcome.Failed(thrown), Delivery(deliveries), TimeSpan.Zero, 0.5);

        if (seconds is { } expected)
        {
            Assert.True(settlement is Settlement.Retry retry && retry.Delay == expected * Second, $"{what}: {settlement}");
        }
        else
        {
            Assert.True(settlement is Settlement.DeadLetter { Reason: DeadLetterReason.Rejected }, $"{what}: {settlement}");
        }
    }

    [Fact]
    public void A_rule_cannot_let_a_message_go_past_the_delivery_limit()
    {
        var policy = new SettlementPolicy(Settings(new RetryOptions().On<TimeoutException>(Backoff.Fixed(Second))));

        Assert.Equal(DeadLetterReason.DeliveryLimit, Assert.IsType<Settlement.DeadLetter>(Failed(policy, new TimeoutException(), 5, TimeSpan.Zero)).Reason);
        Assert.Equal(DeadLetterReason.DeliveryLimit, Assert.IsType<Settlement.DeadLetter>(Failed(policy, new RetryMessageException(Second), 5, TimeSpan.Zero)).Reason);
    }

    [Theory]
    [InlineData(2, 3_599, false)]
    [InlineData(2, 3_600, true)]
    [InlineData(1, 7_200, false)]
    [InlineData(2, -5, false)]
    public void A_message_is_tried_for_so_long_and_at_least_twice(int deliveries, int age, bool ends)
    {
        var policy = new SettlementPolicy(Settings(new RetryOptions()) with { RetryFor = TimeSpan.FromHours(1) });

        Assert.Equal(ends, Failed(policy, new TimeoutException("late"), deliveries, age * Second) is Settlement.DeadLetter { Reason: DeadLetterReason.DeliveryLimit });
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(-7, 1)]
    [InlineData(20, 20)]
    [InlineData(40_000_000, 365 * 24 * 3_600)]
    public void A_deferred_message_is_released_for_as_long_as_its_handler_says(int asked, int seconds)
    {
        var policy = new SettlementPolicy(Settings(new RetryOptions().Reject<Exception>()));

        Assert.Equal(new Settlement.Release(seconds * Second), policy.Decide(new HandlerOutcome.Deferred(new DeferMessageException(asked * Second)), Delivery(1), TimeSpan.Zero, 0.5));
    }

    [Fact]
    public void Rules_cost_a_delivery_that_succeeds_no_allocation()
    {
        var delivery = Delivery(1);
        var policy = new SettlementPolicy(Settings(new RetryOptions().On<TimeoutException>(Backoff.Fixed(Second))) with { RetryFor = Second });
        _ = policy.Decide(HandlerOutcome.Succeeded.Instance, delivery, TimeSpan.Zero, 0.5);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var count = 0; count < 100; count++)
        {
            _ = policy.Decide(HandlerOutcome.Succeeded.Instance, delivery, TimeSpan.Zero, 0.5);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static Settlement Failed(SettlementPolicy policy, Exception thrown, int deliveries, TimeSpan age) =>
        policy.Decide(new HandlerOutcome.Failed(thrown), Given.Delivery(Queue, new VirtualTime(), deliveryCount: deliveries), age, 0.5);

    private static SettleSettings Settings(RetryOptions retry) => new()
    {
        Queue = Queue,
        MaxDeliveries = 5,
        RetryDelay = 8 * Second,
        MaxRetryDelay = TimeSpan.FromMinutes(1),
        UnknownTypeRetention = TimeSpan.FromDays(1),
        StillRunningDelay = Second,
        JournalCompletions = false,
        RetryRules = retry.GetRules(),
    };

    private Working.Lease.Delivery Delivery(int deliveries) => Given.Delivery(Queue, time, deliveryCount: deliveries);
}
