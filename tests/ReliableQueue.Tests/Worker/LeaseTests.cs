using ReliableQueue.Broker;
using Xunit;

namespace ReliableQueue.Tests.Worker;

public class LeaseTests
{
    private static readonly BrokerException Down = new(BrokerFault.Unknown, "down");

    [Fact]
    public void A_delayed_message_is_handled_when_it_is_due_by_a_worker_that_slept_and_not_before()
    {
        using var rig = new WorkerRig();
        rig.Start();
        rig.Advance(TimeSpan.FromSeconds(20));
        rig.Enqueue(1, delay: TimeSpan.FromSeconds(2));

        rig.Advance(TimeSpan.FromSeconds(1.9));
        Assert.Empty(rig.Handled);

        rig.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Single(rig.Handled);
    }

    [Fact]
    public void A_message_that_runs_ten_visibility_timeouts_is_delivered_once()
    {
        using var rig = new WorkerRig();
        rig.Handler = (_, token) => Task.Delay(TimeSpan.FromSeconds(300), rig.Time, token);
        rig.Start();

        rig.Enqueue(1);
        rig.Advance(TimeSpan.FromSeconds(310));

        Assert.Equal([1], rig.Handled.Select(context => context.DeliveryCount));
        Assert.Equal(0, rig.Statistics.Leased);
    }

    [Fact]
    public void A_lease_that_cannot_be_renewed_is_given_up_before_the_broker_gives_it_away()
    {
        using var rig = new WorkerRig();
        rig.Handler = (_, token) => Task.Delay(Timeout.InfiniteTimeSpan, rig.Time, token);
        rig.Start();
        rig.Enqueue(1);
        rig.Broker.BeforeRenewal = () => throw new BrokerException(BrokerFault.Unknown, "silent");

        rig.Advance(TimeSpan.FromSeconds(26.9));
        Assert.True(rig.Handled[0].IsLeaseValid);

        rig.Advance(TimeSpan.FromSeconds(0.5));
        Assert.False(rig.Handled[0].IsLeaseValid);
        Assert.Equal(CancellationReason.LeaseLost, rig.Handled[0].CancellationReason);
    }

    [Fact]
    public void The_deadline_counts_from_when_the_request_was_sent_not_from_the_reply()
    {
        using var rig = new WorkerRig();
        rig.Handler = (_, token) => Task.Delay(Timeout.InfiniteTimeSpan, rig.Time, token);
        rig.Enqueue(1);
        var reply = new TaskCompletionSource();
        rig.Broker.After = call => call == "lease" ? reply.Task : Task.CompletedTask;
        rig.Broker.BeforeRenewal = () => throw new BrokerException(BrokerFault.NotApplied, "down");
        rig.Start();
        rig.Advance(TimeSpan.FromSeconds(20));

        reply.SetResult();
        rig.Settle();
        Assert.True(rig.Handled[0].IsLeaseValid);

        rig.Advance(TimeSpan.FromSeconds(7.1));
        Assert.False(rig.Handled[0].IsLeaseValid);
    }

    [Fact]
    public void A_lease_reply_that_comes_after_its_deadline_is_released_unhandled()
    {
        using var rig = new WorkerRig();
        rig.Enqueue(1);
        var reply = new TaskCompletionSource();
        rig.Broker.After = call => call == "lease" ? reply.Task : Task.CompletedTask;
        rig.Start();
        rig.Advance(TimeSpan.FromSeconds(28));

        rig.Broker.After = _ => Task.CompletedTask;
        reply.SetResult();
        rig.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal([1], rig.Handled.Select(context => context.DeliveryCount));
        Assert.Equal(0, rig.Statistics.Leased);
    }

    [Fact]
    public void A_lost_lease_reply_strands_nothing()
    {
        using var rig = new WorkerRig();
        rig.Enqueue(5);
        var lost = 0;
        rig.Broker.After = call => call == "lease" && lost++ == 0 ? throw new BrokerException(BrokerFault.Unknown, "reply lost") : Task.CompletedTask;

        rig.Start();
        rig.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal([1, 1, 1, 1, 1], rig.Handled.Select(context => context.DeliveryCount));
    }

    [Fact]
    public void A_lease_call_answered_at_its_repetition_counts_from_there()
    {
        using var rig = new WorkerRig();
        rig.Handler = (_, token) => Task.Delay(Timeout.InfiniteTimeSpan, rig.Time, token);
        rig.Enqueue(1);
        var down = true;
        rig.Broker.After = call => call == "lease" && down ? throw new BrokerException(BrokerFault.Unknown, "reply lost") : Task.CompletedTask;
        rig.Start();
        rig.Advance(TimeSpan.FromSeconds(25));

        down = false;
        rig.Advance(TimeSpan.FromSeconds(8));

        Assert.True(Assert.Single(rig.Handled).IsLeaseValid);
        Assert.Equal(1, rig.Handled[0].DeliveryCount);
    }

    [Fact]
    public void A_lost_lease_is_told_to_the_handler_with_its_reason()
    {
        using var rig = new WorkerRig();
        CancellationReason? reason = null;
        rig.Handler = async (context, token) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, rig.Time, token).ContinueWith(_ => { }, TaskScheduler.Current);
            reason = context.CancellationReason;
        };
        rig.Start();
        rig.Enqueue(1);
        rig.ReturnItsSession();

        rig.Advance(TimeSpan.FromSeconds(11));

        Assert.Equal(CancellationReason.LeaseLost, reason);
    }

    [Fact]
    public void A_handler_past_its_time_limit_is_cancelled_and_the_delivery_retried()
    {
        using var rig = new WorkerRig();
        rig.Handler = (_, token) => Task.Delay(Timeout.InfiniteTimeSpan, rig.Time, token);
        rig.Options.HandlerTimeout = TimeSpan.FromSeconds(3);
        rig.Options.Retry.Delay = TimeSpan.FromMilliseconds(1);
        rig.Start();

        rig.Enqueue(1);
        rig.Advance(TimeSpan.FromSeconds(4.5));

        Assert.Equal([1, 2], rig.Handled.Select(context => context.DeliveryCount));
    }

    [Fact]
    public void A_handler_that_ignores_its_token_loses_its_lease_and_is_not_started_beside_itself()
    {
        using var rig = new WorkerRig();
        var never = new TaskCompletionSource();
        rig.Handler = (_, _) => never.Task;
        rig.Options.HandlerTimeout = TimeSpan.FromSeconds(3);
        rig.Start();

        rig.Enqueue(1);
        rig.Advance(TimeSpan.FromMinutes(3));

        Assert.Single(rig.Handled);
        Assert.False(rig.Handled[0].IsLeaseValid);
        Assert.Equal(1, rig.Statistics.Scheduled);
    }

    [Fact]
    public void A_process_that_was_paused_knows_at_once_that_its_lease_is_over()
    {
        using var rig = new WorkerRig();
        rig.Handler = (_, token) => Task.Delay(Timeout.InfiniteTimeSpan, rig.Time, token);
        rig.Start();
        rig.Enqueue(1);

        rig.Time.Advance(TimeSpan.FromSeconds(40));

        Assert.False(rig.Handled[0].IsLeaseValid);
    }

    [Fact]
    public void A_lost_lease_is_not_renewed_again()
    {
        using var rig = new WorkerRig();
        var never = new TaskCompletionSource();
        rig.Handler = (_, _) => never.Task;
        rig.Start();
        rig.Enqueue(1);
        rig.ReturnItsSession();
        rig.Broker.Before = call => call == "lease" ? throw Down : Task.CompletedTask;
        rig.Advance(TimeSpan.FromSeconds(20));

        Assert.Equal(1, rig.Broker.Renewals);
    }

    [Fact]
    public void The_time_limit_of_a_handler_does_not_count_what_its_settlement_takes()
    {
        using var rig = new WorkerRig();
        rig.Options.HandlerTimeout = TimeSpan.FromSeconds(3);
        var worker = rig.Start();
        rig.Broker.Before = call => call == "settle" ? throw Down : Task.CompletedTask;
        rig.Enqueue(1);
        rig.Advance(TimeSpan.FromSeconds(20));

        Assert.Equal(0, worker.Overrunning);
        Assert.Equal(CancellationReason.None, rig.Handled[0].CancellationReason);
    }

    [Fact]
    public void A_handler_has_its_whole_grace_after_its_token_fired()
    {
        using var rig = new WorkerRig();
        rig.Options.VisibilityTimeout = TimeSpan.FromHours(1);
        rig.Options.HandlerTimeout = TimeSpan.FromSeconds(3);
        var stop = new TaskCompletionSource();
        rig.Handler = async (_, token) =>
        {
            using var told = token.Register(() => stop.TrySetResult());
            await stop.Task;
            await Task.Delay(TimeSpan.FromSeconds(1), rig.Time, CancellationToken.None);
        };
        var worker = rig.Start();
        rig.Enqueue(1);

        rig.Time.Advance(TimeSpan.FromSeconds(10));
        rig.Advance(TimeSpan.FromSeconds(0.5));

        Assert.Equal(0, worker.Overrunning);
    }

    [Fact]
    public void Leases_taken_one_by_one_come_to_be_renewed_together()
    {
        using var rig = new WorkerRig();
        rig.Options.Concurrency = 100;
        rig.Handler = (_, token) => Task.Delay(Timeout.InfiniteTimeSpan, rig.Time, token);
        rig.Start();
        for (var taken = 0; taken < 100; taken++)
        {
            rig.Enqueue(1);
            rig.Advance(TimeSpan.FromMilliseconds(100));
        }

        var before = rig.Broker.Renewals;
        rig.Advance(TimeSpan.FromSeconds(60));

        Assert.InRange(rig.Broker.Renewals - before, 6, 40);
        Assert.All(rig.Handled, context => Assert.True(context.IsLeaseValid));
    }
}
