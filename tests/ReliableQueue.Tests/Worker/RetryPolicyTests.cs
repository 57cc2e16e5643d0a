using ReliableQueue.Broker;

namespace ReliableQueue.Tests.Worker;

/// <summary>An application's own decision about failed deliveries.</summary>
public sealed class RetryPolicyTests : IRetryPolicy
{
    private readonly List<RetryContext> asked = [];
    private Func<RetryContext, RetryDecision> decide = _ => new RetryDecision.Retry(TimeSpan.FromHours(1));

    public RetryDecision Decide(RetryContext failure)
    {
        asked.Add(failure);
        return decide(failure);
    }

    [Fact]
    public void A_policy_is_told_the_exception_and_decides_how_long_the_message_waits()
    {
        var thrown = new FormatException("bad");
        using var rig = Failing(thrown);
        rig.Enqueue(1);
        rig.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal((1, 1), (rig.Handled.Count, rig.Statistics.Scheduled));
        rig.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal([1, 2], rig.Handled.Select(context => context.DeliveryCount));
        Assert.Equal((thrown, "work", 1, 5, TimeSpan.Zero), (asked[0].Exception, asked[0].MessageType, asked[0].DeliveryCount, asked[0].MaxDeliveries, asked[0].Age));
        Assert.InRange(asked[1].Age, TimeSpan.FromMinutes(59), TimeSpan.FromMinutes(62));
    }

    [Fact]
    public void A_message_that_a_policy_rejects_is_dead_lettered_with_the_exception_as_its_error()
    {
        decide = _ => new RetryDecision.Reject();
        using var rig = Failing(new FormatException("never valid"));
        rig.Enqueue(1);

        var letter = Assert.Single(rig.DeadLetters);
        Assert.Equal((DeadLetterReason.Rejected, 1), (letter.DeadLetterReason, letter.DeliveryCount));
        Assert.Contains("never valid", letter.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_policy_cannot_let_a_message_go_past_the_delivery_limit()
    {
        decide = _ => new RetryDecision.Retry(TimeSpan.FromDays(-1));
        using var rig = Failing(new FormatException());
        rig.Enqueue(1);
        rig.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal([1, 2, 3, 4], asked.Select(failure => failure.DeliveryCount));
        Assert.Equal(DeadLetterReason.DeliveryLimit, Assert.Single(rig.DeadLetters).DeadLetterReason);
    }

    [Fact]
    public void A_policy_that_throws_leaves_the_decision_to_the_backoff_of_the_queue()
    {
        decide = _ => throw new NotSupportedException("a bug of the policy");
        using var rig = Failing(new FormatException());
        rig.Enqueue(1);

        Assert.Equal(new QueueStatistics(0, 1, 0, 0, null), rig.Statistics);
    }

    [Fact]
    public void A_handler_that_ran_out_of_time_fails_with_a_timeout()
    {
        using var rig = new WorkerRig();
        rig.Handler = (_, token) => Task.Delay(Timeout.InfiniteTimeSpan, rig.Time, token);
        rig.Options.HandlerTimeout = TimeSpan.FromSeconds(1);
        rig.Options.UseRetryPolicy(this);
        rig.Start();
        rig.Enqueue(1);
        rig.Advance(TimeSpan.FromSeconds(2));

        Assert.IsType<TimeoutException>(Assert.Single(asked).Exception);
    }

    private WorkerRig Failing(Exception exception)
    {
        var rig = new WorkerRig { Handler = (_, _) => throw exception };
        rig.Options.UseRetryPolicy(this).Retry.MaxDeliveries = 5;
        rig.Start();
        return rig;
    }
}
