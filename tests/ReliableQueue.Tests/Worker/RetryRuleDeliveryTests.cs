using ReliableQueue.Broker;

namespace ReliableQueue.Tests.Worker;

/// <summary>Rules, and what handlers ask for, from the handler to the broker.</summary>
public sealed class RetryRuleDeliveryTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public void A_rule_decides_how_long_a_message_waits()
    {
        using var rig = Failing(() => new TimeoutException(), options => options.Retry.On<TimeoutException>(Backoff.Fixed(Hour)));
        rig.Enqueue(1);
        rig.Advance(Hour - TimeSpan.FromSeconds(1));
        Assert.Single(rig.Handled);
        rig.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal([1, 2], rig.Handled.Select(context => context.DeliveryCount));
    }

    [Fact]
    public void A_message_that_a_rule_rejects_is_dead_lettered_at_once_with_the_exception_as_its_error()
    {
        using var rig = Failing(() => new FormatException("never valid"), options => options.Retry.Reject<FormatException>());
        rig.Enqueue(1);

        var letter = Assert.Single(rig.DeadLetters);
        Assert.Equal((DeadLetterReason.Rejected, 1), (letter.DeadLetterReason, letter.DeliveryCount));
        Assert.Contains("never valid", letter.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_condition_that_throws_leaves_the_decision_to_the_backoff_of_the_queue()
    {
        using var rig = Failing(() => new FormatException(), options => options.Retry.Reject<FormatException>((_, _) => throw new NotSupportedException("a bug of the condition")));
        rig.Enqueue(1);

        Assert.Equal(new QueueStatistics(0, 1, 0, 0, null), rig.Statistics);
    }

    [Fact]
    public void A_handler_that_says_when_is_tried_again_then_and_counted()
    {
        using var rig = Failing(() => new RetryMessageException(Hour), _ => { });
        rig.Enqueue(1);
        rig.Advance(Hour - TimeSpan.FromSeconds(1));
        Assert.Single(rig.Handled);
        rig.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal([1, 2], rig.Handled.Select(context => context.DeliveryCount));
    }

    [Fact]
    public void A_rejection_out_of_a_blocked_task_is_a_rejection()
    {
        using var rig = Failing(() => new AggregateException(new RejectMessageException("no such customer")), _ => { });
        rig.Enqueue(1);

        Assert.Equal((DeadLetterReason.Rejected, "no such customer"), (rig.DeadLetters[0].DeadLetterReason, rig.DeadLetters[0].Error));
    }

    [Fact]
    public void A_deferred_message_comes_again_uncounted_and_is_dead_lettered_once_it_was_tried_for_long_enough()
    {
        using var rig = Failing(() => new DeferMessageException(TimeSpan.FromMinutes(10), "the customer is not there yet"), options => options.RetryFor = 6 * Hour);
        rig.Enqueue(1);
        rig.Advance((6 * Hour) - TimeSpan.FromMinutes(1));
        Assert.InRange(rig.Handled.Count, 30, 36);
        Assert.All(rig.Handled, context => Assert.Equal(1, context.DeliveryCount));
        Assert.Equal(new QueueStatistics(0, 1, 0, 0, null), rig.Statistics);
        rig.Advance(TimeSpan.FromMinutes(15));

        Assert.Equal((DeadLetterReason.DeliveryLimit, "the customer is not there yet"), (rig.DeadLetters[0].DeadLetterReason, rig.DeadLetters[0].Error));
    }

    [Fact]
    public void A_message_deferred_on_a_queue_without_a_time_ends_as_well()
    {
        using var rig = Failing(() => new DeferMessageException(TimeSpan.FromDays(1)), _ => { });
        rig.Enqueue(1);
        rig.Advance(TimeSpan.FromDays(89));
        Assert.Empty(rig.DeadLetters);
        rig.Advance(TimeSpan.FromDays(2));

        Assert.Equal(DeadLetterReason.DeliveryLimit, Assert.Single(rig.DeadLetters).DeadLetterReason);
    }

    [Fact]
    public void An_outage_of_six_hours_costs_no_message_and_each_is_handled_within_the_longest_delay()
    {
        var isAway = true;
        using var rig = new WorkerRig { Handler = (_, _) => isAway ? throw new HttpRequestException("away") : Task.CompletedTask };
        rig.Options.Retry.MaxDeliveries = 1_000;
        rig.Options.RetryFor = 12 * Hour;
        rig.Options.Retry.On<HttpRequestException>(Backoff.Exponential(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5)));
        rig.Start();
        rig.Enqueue(20);
        rig.Advance(6 * Hour);
        Assert.Empty(rig.DeadLetters);

        isAway = false;
        rig.Advance(TimeSpan.FromMinutes(5) + TimeSpan.FromSeconds(2));

        Assert.Equal(new QueueStatistics(0, 0, 0, 0, null), rig.Statistics);
    }

    private static WorkerRig Failing(Func<Exception> thrown, Action<QueueOptions> configure)
    {
        var rig = new WorkerRig { Handler = (_, _) => throw thrown() };
        configure(rig.Options);
        rig.Start();
        return rig;
    }
}
