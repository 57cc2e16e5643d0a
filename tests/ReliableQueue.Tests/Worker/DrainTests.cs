using ReliableQueue.Broker;
using Xunit;

namespace ReliableQueue.Tests.Worker;

public class DrainTests
{
    private static readonly BrokerException Down = new(BrokerFault.Unknown, "down");

    [Fact]
    public void Stopping_leases_no_more_and_lets_running_handlers_finish()
    {
        using var rig = new WorkerRig();
        rig.Handler = (_, token) => Task.Delay(TimeSpan.FromSeconds(20), rig.Time, token);
        var worker = rig.Start();
        rig.Enqueue(1);

        worker.Stop();
        rig.Enqueue(1);
        rig.Advance(TimeSpan.FromSeconds(21));

        Assert.True(rig.Running.IsCompletedSuccessfully);
        Assert.Single(rig.Handled);
        Assert.Equal((1, 0), (rig.Statistics.Ready, rig.Statistics.Leased));
        Assert.Empty(rig.State.OpenSessions);
    }

    [Fact]
    public void A_handler_that_outlasts_the_drain_is_cancelled_and_released_uncounted()
    {
        using var rig = new WorkerRig();
        rig.Handler = (_, token) => Task.Delay(Timeout.InfiniteTimeSpan, rig.Time, token);
        var worker = rig.Start();
        rig.Enqueue(1);

        worker.Stop();
        rig.Advance(TimeSpan.FromSeconds(26));
        Assert.True(rig.Running.IsCompletedSuccessfully);
        Assert.Equal(CancellationReason.Shutdown, rig.Handled[0].CancellationReason);
        Assert.Equal((1, 0), (rig.Statistics.Ready, rig.Statistics.Leased));

        rig.Start();
        Assert.Equal([1, 1], rig.Handled.Select(context => context.DeliveryCount));
    }

    [Fact]
    public void A_handler_that_ignores_its_token_is_released_all_the_same()
    {
        using var rig = new WorkerRig();
        var never = new TaskCompletionSource();
        rig.Handler = (_, _) => never.Task;
        var worker = rig.Start();
        rig.Enqueue(1);

        worker.Stop();
        rig.Advance(TimeSpan.FromSeconds(28));

        Assert.True(rig.Running.IsCompletedSuccessfully);
        Assert.Equal((1, 0), (rig.Statistics.Ready, rig.Statistics.Leased));
    }

    [Fact]
    public void Leases_are_renewed_while_draining()
    {
        using var rig = new WorkerRig { DrainTimeout = TimeSpan.FromMinutes(10) };
        rig.Handler = (_, token) => Task.Delay(TimeSpan.FromMinutes(5), rig.Time, token);
        var worker = rig.Start();
        rig.Enqueue(1);

        worker.Stop();
        rig.Advance(TimeSpan.FromMinutes(6));

        Assert.True(rig.Running.IsCompletedSuccessfully);
        Assert.Equal(0, rig.Statistics.Ready);
    }

    [Fact]
    public void A_drain_without_a_broker_ends_and_leaves_its_settlements_on_disk()
    {
        using var rig = new WorkerRig();
        rig.Handler = (_, token) => Task.Delay(TimeSpan.FromSeconds(5), rig.Time, token);
        var worker = rig.Start();
        rig.Enqueue(1);
        rig.Broker.Before = _ => throw new BrokerException(BrokerFault.Unknown, "down");

        worker.Stop();
        rig.Advance(TimeSpan.FromSeconds(35));

        Assert.True(rig.Running.IsCompletedSuccessfully);
        Assert.Single(rig.State.Records);
        Assert.Single(rig.State.OpenSessions);
    }

    [Fact]
    public void A_lease_reply_that_comes_while_stopping_is_released()
    {
        using var rig = new WorkerRig();
        var reply = new TaskCompletionSource();
        rig.Enqueue(2);
        rig.Broker.After = call => call == "lease" ? reply.Task : Task.CompletedTask;
        var worker = rig.Start();

        worker.Stop();
        rig.Settle();
        reply.SetResult();
        rig.Advance(TimeSpan.FromSeconds(1));

        Assert.Empty(rig.Handled);
        Assert.Equal((2, 0), (rig.Statistics.Ready, rig.Statistics.Leased));
        Assert.True(rig.Running.IsCompletedSuccessfully);
    }

    [Fact]
    public void A_lease_reply_that_comes_after_the_drain_time_is_released()
    {
        using var rig = new WorkerRig { DrainTimeout = TimeSpan.Zero };
        var reply = new TaskCompletionSource();
        rig.Enqueue(2);
        rig.Broker.After = call => call == "lease" ? reply.Task : Task.CompletedTask;
        rig.Start();
        rig.Stop();
        rig.Advance(TimeSpan.FromSeconds(1));

        reply.SetResult();
        rig.Advance(TimeSpan.FromSeconds(3));

        Assert.Empty(rig.Handled);
        Assert.True(rig.Running.IsCompletedSuccessfully);
        Assert.Equal((2, 0), (rig.Statistics.Ready, rig.Statistics.Leased));
    }

    [Fact]
    public void A_stopped_worker_makes_no_lease_call()
    {
        using var rig = new WorkerRig();
        rig.Options.Concurrency = 1;
        rig.Handler = (_, token) => Task.Delay(TimeSpan.FromSeconds(5), rig.Time, token);
        rig.Start();
        rig.Enqueue(3);
        rig.Advance(TimeSpan.FromSeconds(1));
        var calls = 0;
        rig.Broker.Before = call =>
        {
            calls += call == "lease" ? 1 : 0;
            return Task.CompletedTask;
        };

        rig.Stop();
        rig.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(0, calls);
    }

    [Fact]
    public void A_drain_without_a_broker_tries_only_what_it_has_begun()
    {
        using var rig = new WorkerRig { DrainTimeout = TimeSpan.FromSeconds(5) };
        rig.Options.Concurrency = 3000;
        rig.Handler = (_, token) => Task.Delay(TimeSpan.FromSeconds(1), rig.Time, token);
        rig.Enqueue(3000);
        rig.Start();
        rig.Advance(TimeSpan.FromMilliseconds(100));
        rig.Broker.Before = async call =>
        {
            if (call == "settle")
            {
                await Task.Delay(TimeSpan.FromSeconds(4), rig.Time);
                throw Down;
            }
        };

        rig.Stop();
        rig.Advance(TimeSpan.FromSeconds(16));

        Assert.True(rig.Running.IsCompletedSuccessfully);
        Assert.Equal(3000, rig.State.Records.Count);
    }

    [Fact]
    public void A_handler_whose_message_was_released_beside_it_believes_in_its_lease_no_more()
    {
        using var rig = new WorkerRig();
        var never = new TaskCompletionSource();
        rig.Handler = (_, _) => never.Task;
        rig.Start();
        rig.Enqueue(1);

        rig.Stop();
        rig.Advance(TimeSpan.FromSeconds(28));

        Assert.Equal(1, rig.Statistics.Ready);
        Assert.False(rig.Handled[0].IsLeaseValid);
        Assert.Equal(CancellationReason.Shutdown, rig.Handled[0].CancellationReason);
    }

    [Fact]
    public void A_session_that_still_holds_something_at_the_end_of_a_drain_is_returned_at_the_next_start()
    {
        using var rig = new WorkerRig();
        rig.Options.VisibilityTimeout = TimeSpan.FromHours(1);
        var reply = new TaskCompletionSource();
        rig.Enqueue(2);
        rig.Broker.After = call => call == "lease" ? reply.Task : Task.CompletedTask;
        rig.Start();

        rig.Stop();
        rig.Advance(TimeSpan.FromSeconds(35));
        reply.SetResult();
        rig.Advance(TimeSpan.FromSeconds(1));
        Assert.True(rig.Running.IsCompletedSuccessfully);
        Assert.Single(rig.State.OpenSessions);

        rig.Broker.After = _ => Task.CompletedTask;
        rig.Start();
        Assert.Equal(2, rig.Handled.Count);
    }
}
