using ReliableQueue.Broker;
using ReliableQueue.State;
using Xunit;

namespace ReliableQueue.Tests.Worker;

public class RestartTests
{
    private static readonly BrokerException Down = new(BrokerFault.Unknown, "down");

    [Fact]
    public void What_a_killed_worker_held_is_delivered_again_at_once_by_its_successor()
    {
        using var rig = new WorkerRig();
        rig.Options.VisibilityTimeout = TimeSpan.FromHours(1);
        rig.Handler = (_, token) => Task.Delay(Timeout.InfiniteTimeSpan, rig.Time, token);
        rig.Start();
        rig.Enqueue(3);
        rig.Kill();

        rig.Start();

        Assert.Equal([1, 1, 1, 2, 2, 2], rig.Handled.Select(context => context.DeliveryCount));
    }

    [Fact]
    public void A_rejection_the_broker_never_heard_of_is_replayed_and_never_run_again()
    {
        using var rig = new WorkerRig { Handler = (_, _) => throw new RejectMessageException("impossible") };
        rig.Start();
        rig.Broker.Before = call => call == "settle" ? throw Down : Task.CompletedTask;
        rig.Enqueue(1);
        rig.Kill();

        rig.Broker.Before = _ => Task.CompletedTask;
        rig.Start();
        rig.Advance(TimeSpan.FromSeconds(5));

        Assert.Single(rig.Handled);
        Assert.Equal(DeadLetterReason.Rejected, Assert.Single(rig.DeadLetters).DeadLetterReason);
    }

    [Fact]
    public void A_rejection_is_on_disk_before_the_broker_is_told()
    {
        using var rig = new WorkerRig { Handler = (_, _) => throw new RejectMessageException("impossible") };
        var recordedFirst = false;
        rig.Broker.Before = call =>
        {
            recordedFirst |= call == "settle" && rig.State.Records.Count == 1;
            return Task.CompletedTask;
        };
        rig.Start();

        rig.Enqueue(1);

        Assert.True(recordedFirst);
    }

    [Fact]
    public void An_ack_the_broker_did_not_answer_is_on_disk_and_replayed_with_its_old_token()
    {
        using var rig = new WorkerRig();
        rig.Start();
        rig.Broker.Before = call => call == "settle" ? throw Down : Task.CompletedTask;
        rig.Enqueue(1);
        rig.Kill();

        rig.Broker.Before = _ => Task.CompletedTask;
        rig.Start();
        rig.Advance(TimeSpan.FromSeconds(5));

        Assert.Single(rig.Handled);
        Assert.Equal(0, rig.Statistics.Leased + rig.Statistics.Ready);
    }

    [Fact]
    public void An_ack_is_asked_until_it_is_answered_and_its_slot_stays_taken_until_then()
    {
        using var rig = new WorkerRig();
        rig.Options.Concurrency = 1;
        rig.Start();
        rig.Broker.Before = call => call == "settle" ? throw Down : Task.CompletedTask;
        rig.Enqueue(2);
        rig.Advance(TimeSpan.FromMinutes(10));
        Assert.Single(rig.Handled);

        rig.Broker.Before = _ => Task.CompletedTask;
        rig.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal([1, 1], rig.Handled.Select(context => context.DeliveryCount));
        Assert.Equal(0, rig.Statistics.Leased);
    }

    [Fact]
    public void A_completion_that_was_journalled_is_not_run_again_even_when_the_broker_lost_the_ack_and_the_lease()
    {
        using var rig = new WorkerRig();
        rig.Options.JournalCompletions = true;
        rig.Start();
        rig.Broker.Before = call => call == "settle" ? throw Down : Task.CompletedTask;
        rig.Enqueue(1);
        rig.Kill();
        rig.ReturnItsSession();

        rig.Broker.Before = _ => Task.CompletedTask;
        rig.Start();
        rig.Advance(TimeSpan.FromSeconds(5));

        Assert.Single(rig.Handled);
    }

    [Fact]
    public void A_session_that_was_fenced_begins_anew_and_goes_on()
    {
        using var rig = new WorkerRig();
        rig.Start();
        rig.ReturnItsSession();

        rig.Enqueue(1);
        rig.Advance(TimeSpan.FromSeconds(3));

        Assert.Single(rig.Handled);
        Assert.Single(rig.State.OpenSessions);
    }

    [Fact]
    public void A_broker_that_forgot_everything_is_noticed()
    {
        using var rig = new WorkerRig();
        var worker = rig.Start();
        rig.Advance(TimeSpan.FromSeconds(2));

        rig.Broker.Flush();
        rig.Advance(TimeSpan.FromSeconds(9));

        Assert.NotNull(worker.Losses.LastSeen);
    }

    [Fact]
    public void A_broker_that_is_down_at_the_start_is_waited_for()
    {
        using var rig = new WorkerRig();
        rig.Enqueue(1);
        rig.Broker.Before = _ => throw Down;
        rig.Start();
        rig.Advance(TimeSpan.FromMinutes(1));

        rig.Broker.Before = _ => Task.CompletedTask;
        rig.Advance(TimeSpan.FromSeconds(5));

        Assert.Single(rig.Handled);
    }

    [Fact]
    public void A_suspect_is_handled_alone_among_suspects()
    {
        using var rig = new WorkerRig();
        rig.Handler = (_, token) => Task.Delay(Timeout.InfiniteTimeSpan, rig.Time, token);
        rig.Enqueue(4);
        rig.Start();
        rig.Kill();
        rig.Start();
        rig.Kill();
        rig.Handled.Clear();

        rig.Start();
        rig.Advance(TimeSpan.FromSeconds(5));

        Assert.Single(rig.Handled);
        Assert.Equal(3, rig.Statistics.Ready);
    }

    [Fact]
    public void Suspects_follow_each_other_without_waiting_for_the_next_poll()
    {
        using var rig = new WorkerRig();
        rig.Handler = (_, token) => Task.Delay(Timeout.InfiniteTimeSpan, rig.Time, token);
        rig.Enqueue(4);
        rig.Start();
        rig.Kill();
        rig.Start();
        rig.Kill();
        rig.Handled.Clear();
        rig.Handler = (_, token) => Task.Delay(TimeSpan.FromMilliseconds(10), rig.Time, token);

        rig.Start();
        rig.Advance(TimeSpan.FromMilliseconds(100));

        Assert.Equal(4, rig.Handled.Count);
        Assert.Equal(0, rig.Statistics.Leased);
    }

    [Fact]
    public void A_rejection_during_an_outage_is_on_disk_though_an_earlier_settlement_still_waits()
    {
        using var rig = new WorkerRig();
        rig.Handler = async (context, token) =>
        {
            if (rig.Handled.Count == 2)
            {
                await Task.Delay(TimeSpan.FromSeconds(5), rig.Time, token);
                throw new RejectMessageException("impossible");
            }
        };
        rig.Start();
        rig.Broker.Before = call => call == "settle" ? throw Down : Task.CompletedTask;
        rig.Enqueue(2);
        rig.Advance(TimeSpan.FromSeconds(6));

        Assert.Single(rig.State.Records.OfType<StateRecord.Rejection>());
        rig.Kill();

        rig.Broker.Before = _ => Task.CompletedTask;
        rig.Start();
        rig.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(DeadLetterReason.Rejected, Assert.Single(rig.DeadLetters).DeadLetterReason);
        Assert.Equal(2, rig.Handled.Count);
    }

    [Fact]
    public void A_fault_while_recovering_does_not_silence_the_queue()
    {
        using var rig = new WorkerRig();
        rig.Handler = (_, token) => Task.Delay(Timeout.InfiniteTimeSpan, rig.Time, token);
        rig.Start();
        rig.Enqueue(1);
        rig.Kill();
        var failed = false;
        rig.Broker.Before = call => call == "return" && !failed ? throw new InvalidOperationException((failed = true).ToString()) : Task.CompletedTask;

        rig.Start();
        rig.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(2, rig.Handled.Count);
    }

    [Fact]
    public void An_epoch_that_could_not_be_written_is_written_when_there_is_room_again()
    {
        using var rig = new WorkerRig();
        rig.Start();
        rig.Advance(TimeSpan.FromSeconds(2));
        var known = rig.State.EpochOf(rig.Scope);
        rig.Broker.Flush();
        rig.State.Broken = new StateFileException("worker.db", "disk full");
        rig.Advance(TimeSpan.FromSeconds(5));

        rig.State.Broken = null;
        rig.Advance(TimeSpan.FromSeconds(5));

        Assert.NotEqual(known, rig.State.EpochOf(rig.Scope));
    }
}
