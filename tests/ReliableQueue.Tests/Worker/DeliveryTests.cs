using ReliableQueue.Broker;
using ReliableQueue.Messages;
using ReliableQueue.Tests.Security;
using Xunit;

namespace ReliableQueue.Tests.Worker;

public class DeliveryTests
{
    [Fact]
    public void A_message_is_handled_and_acked()
    {
        using var rig = new WorkerRig();
        rig.Start();

        rig.Enqueue(1);

        Assert.Single(rig.Handled);
        Assert.Equal(new QueueStatistics(0, 0, 0, 0, null), rig.Statistics);
    }

    [Fact]
    public void The_worker_never_leaves_its_scheduler()
    {
        using var rig = new WorkerRig { Handler = (_, _) => throw new InvalidOperationException("once") };
        var worker = rig.Start();
        rig.Enqueue(100);
        rig.Advance(TimeSpan.FromMinutes(5));

        worker.Stop();
        rig.Advance(TimeSpan.FromMinutes(1));

        Assert.True(rig.Running.IsCompletedSuccessfully);
        Assert.False(rig.Escaped);
    }

    [Fact]
    public void No_more_messages_are_leased_than_there_are_free_slots()
    {
        using var rig = new WorkerRig { Handler = (_, token) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token) };
        rig.Options.Concurrency = 3;
        rig.Start();

        rig.Enqueue(10);
        rig.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(3, rig.Statistics.Leased);
        Assert.Equal(7, rig.Statistics.Ready);
    }

    [Fact]
    public void A_handler_that_throws_is_tried_again_until_the_delivery_limit()
    {
        using var rig = new WorkerRig { Handler = (_, _) => throw new InvalidOperationException("always") };
        rig.Options.Retry.MaxDeliveries = 3;
        rig.Start();

        rig.Enqueue(1);
        rig.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal([1, 2, 3], rig.Handled.Select(context => context.DeliveryCount));
        var letter = Assert.Single(rig.DeadLetters);
        Assert.Equal(DeadLetterReason.DeliveryLimit, letter.DeadLetterReason);
        Assert.Contains("always", letter.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_retry_waits_no_longer_than_its_backoff()
    {
        var failed = false;
        using var rig = new WorkerRig();
        rig.Handler = (_, _) => failed ? Task.CompletedTask : throw new InvalidOperationException((failed = true).ToString());
        rig.Options.Retry.Delay = TimeSpan.FromSeconds(5);
        rig.Start();

        rig.Enqueue(1);
        Assert.Equal((1, 0), (rig.Handled.Count, rig.Statistics.Ready));
        rig.Advance(TimeSpan.FromSeconds(6));

        Assert.Equal(2, rig.Handled.Count);
    }

    [Fact]
    public void A_rejected_message_is_dead_lettered_at_once_and_recorded()
    {
        using var rig = new WorkerRig { Handler = (_, _) => throw new RejectMessageException("no such customer") };
        rig.Start();

        rig.Enqueue(1);

        var letter = Assert.Single(rig.DeadLetters);
        Assert.Equal((DeadLetterReason.Rejected, "no such customer", 1), (letter.DeadLetterReason, letter.Error, letter.DeliveryCount));
        Assert.Single(rig.State.Records);
        Assert.Empty(rig.State.Unconfirmed(rig.Scope));
    }

    [Fact]
    public void A_message_of_unknown_type_is_parked_uncounted_and_dead_lettered_after_its_retention()
    {
        using var rig = new WorkerRig();
        rig.Options.UnknownTypeRetention = TimeSpan.FromHours(2);
        rig.Start();

        rig.Enqueue(1, type: "of-tomorrow");
        rig.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, rig.Statistics.Scheduled);

        rig.Advance(TimeSpan.FromHours(1.5));
        var letter = Assert.Single(rig.DeadLetters);
        Assert.Equal((DeadLetterReason.UnknownType, 1), (letter.DeadLetterReason, letter.DeliveryCount));
        Assert.Empty(rig.Handled);
    }

    [Fact]
    public void A_message_of_a_newer_version_of_the_library_is_released_uncounted_for_as_long_as_it_takes_and_never_dead_lettered()
    {
        using var log = new CanaryLog();
        using var rig = new WorkerRig { Seal = OfTheNextVersion, Logger = log.CreateLogger("worker") };
        rig.Options.UnknownTypeRetention = TimeSpan.FromHours(2);
        var released = 0;
        rig.Broker.Before = call =>
        {
            released += call == "settle" ? 1 : 0;
            return Task.CompletedTask;
        };
        rig.Start();

        rig.Enqueue(1);
        rig.Advance(TimeSpan.FromMinutes(5));
        Assert.InRange(released, 4, 6);

        rig.Advance(TimeSpan.FromDays(1));

        // A new worker finds it within ten minutes, however long it has waited, and without a delivery used up.
        Assert.InRange(released, 24 * 6, 27 * 6);
        Assert.Equal(new QueueStatistics(0, 1, 0, 0, null), rig.Statistics);
        Assert.Empty(rig.Handled);
        Assert.Empty(rig.State.Records);
        Assert.Single(log.Entries, entry => entry.Text.Contains("was enqueued by a newer version of ReliableQueue", StringComparison.Ordinal));
    }

    private static byte[] OfTheNextVersion(byte[] envelope)
    {
        (envelope[0], envelope[1]) = (EnvelopeCodec.Version + 1, EnvelopeCodec.Version + 1);
        return envelope;
    }

    [Fact]
    public void A_message_of_unknown_type_waits_through_a_rolling_deployment_and_is_handled_by_the_new_worker_as_its_first_delivery()
    {
        using var rig = new WorkerRig();
        var old = rig.Start();
        var message = Assert.Single(rig.Enqueue(1, type: "of-tomorrow"));
        rig.Advance(TimeSpan.FromHours(1));
        Assert.Equal(new QueueStatistics(0, 1, 0, 0, null), rig.Statistics);

        // While both run, either may be the first to find the message due.
        (rig.KnownType, rig.State) = ("of-tomorrow", new MemoryState());
        rig.Start();
        rig.Advance(TimeSpan.FromMinutes(30));
        old.Stop();
        rig.Advance(TimeSpan.FromMinutes(30));

        var handled = Assert.Single(rig.Handled);
        Assert.Equal((message, 1), (handled.Id, handled.DeliveryCount));
        Assert.Equal(new QueueStatistics(0, 0, 0, 0, null), rig.Statistics);
    }

    [Fact]
    public void An_exception_whose_text_cannot_be_read_fails_its_delivery_like_any_other()
    {
        using var rig = new WorkerRig { Handler = (_, _) => throw new UnreadableException() };
        rig.Options.Retry.MaxDeliveries = 2;
        var worker = rig.Start();
        rig.Enqueue(1);
        rig.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(0, worker.InHand);
        Assert.Equal(DeadLetterReason.DeliveryLimit, Assert.Single(rig.DeadLetters).DeadLetterReason);
    }

    private sealed class UnreadableException : Exception
    {
        public override string Message => throw new NotSupportedException();

        public override string ToString() => throw new NotSupportedException();
    }
}
