using Microsoft.Extensions.Logging;
using ReliableQueue.Messages;
using Xunit;

namespace ReliableQueue.Tests.Worker;

/// <summary>Every dead letter is one error, every retry one warning, and a storm of either is bounded.</summary>
public class EndingLogTests
{
    private const int Retried = 405;
    private const int DeadLettered = 407;

    private readonly EventLog log = new();

    [Fact]
    public void A_failure_is_one_warning_per_retry_with_attempt_and_delay_then_one_error_with_its_exception()
    {
        using var rig = new WorkerRig { Logger = log, Handler = (_, _) => throw new NotSupportedException("no such method") };
        rig.Options.Retry.MaxDeliveries = 3;
        rig.Start();
        var id = rig.Enqueue(1)[0];
        rig.Advance(TimeSpan.FromMinutes(2));

        Assert.All(log.Of(Retried), retry => Assert.Equal((LogLevel.Warning, "no such method"), (retry.Level, retry.Exception?.Message)));
        Assert.Collection(
            log.Of(Retried),
            first => Assert.Matches($@"^work {id} on queue work failed at delivery 1 of 3; it is tried again in 00:\d\d:\d\d(\.\d+)?\.$", first.Text),
            second => Assert.Contains("delivery 2 of 3", second.Text, StringComparison.Ordinal));
        var dead = Assert.Single(log.Of(DeadLettered));
        Assert.Equal((LogLevel.Error, "no such method"), (dead.Level, dead.Exception?.Message));
        Assert.Equal($"work {id} on queue work is dead-lettered (DeliveryLimit) at delivery 3: NotSupportedException", dead.Text);
        Assert.DoesNotContain(log.Events, logged => logged.Level >= LogLevel.Warning && logged.Id is not (Retried or DeadLettered));
    }

    [Fact]
    public void A_rejection_is_one_error()
    {
        using var rig = new WorkerRig { Logger = log, Handler = (_, _) => throw new RejectMessageException("no such customer") };
        rig.Start();
        rig.Enqueue(1);

        AssertDead("(Rejected) at delivery 1");
        Assert.IsType<RejectMessageException>(log.Of(DeadLettered)[0].Exception);
    }

    [Fact]
    public void An_unreadable_body_is_one_error_that_says_why()
    {
        using var rig = new WorkerRig { Logger = log, Read = _ => throw new MessageUnreadableException("not such a message, at byte 3") };
        rig.Start();
        rig.Enqueue(1);

        AssertDead("(Unreadable) at delivery 1: not such a message, at byte 3");
    }

    [Fact]
    public void A_type_that_nobody_knew_until_the_end_of_its_parking_is_one_error()
    {
        using var rig = new WorkerRig { Logger = log };
        rig.Options.UnknownTypeRetention = TimeSpan.FromMinutes(5);
        rig.Start();
        rig.Enqueue(1, "invoice");
        rig.Advance(TimeSpan.FromMinutes(20));

        AssertDead("(UnknownType) at delivery 1: No worker of queue 'work' handles type 'invoice'.");
    }

    [Fact]
    public void Messages_that_the_broker_dead_lettered_with_their_workers_are_one_error_with_their_number()
    {
        var never = new TaskCompletionSource();
        using var rig = new WorkerRig { Logger = log, Handler = (_, _) => never.Task };
        rig.Options.Retry.MaxDeliveries = 1;
        rig.Start();
        rig.Enqueue(3);
        rig.Kill();
        rig.Start();
        rig.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(3, rig.DeadLetters.Count);
        Assert.StartsWith("Queue work: 3 messages are dead-lettered (DeliveryLimit)", Assert.Single(log.Of(210)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_storm_is_bounded_and_what_was_left_out_is_counted()
    {
        using var rig = new WorkerRig { Logger = log, Handler = (_, _) => throw new NotSupportedException() };
        rig.Options.Retry.MaxDeliveries = 2;
        rig.Start();
        rig.Enqueue(500);
        rig.Advance(TimeSpan.FromMinutes(3));

        Assert.Equal(500, rig.DeadLetters.Count);
        Assert.InRange(log.Events.Count(logged => logged.Level >= LogLevel.Warning), 42, 90);
        Assert.Equal(500, log.Of(Retried).Count + Left(406));
        Assert.Equal(500, log.Of(DeadLettered).Count + Left(408));
    }

    [Fact]
    public void What_was_left_out_is_told_when_the_worker_stops_before_the_minute_ends()
    {
        using (var rig = new WorkerRig { Logger = log, Handler = (_, _) => throw new RejectMessageException("no") })
        {
            rig.Start();
            rig.Enqueue(100);
            rig.Advance(TimeSpan.FromSeconds(1));
            rig.Stop();
            rig.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal((20, 80), (log.Of(DeadLettered).Count, Left(408)));
    }

    private int Left(int id) => log.Of(id).Sum(logged => int.Parse(logged.Text.Split(' ')[2], System.Globalization.CultureInfo.InvariantCulture));

    private void AssertDead(string text)
    {
        var dead = Assert.Single(log.Of(DeadLettered));
        Assert.Equal(LogLevel.Error, dead.Level);
        Assert.Contains(text, dead.Text, StringComparison.Ordinal);
    }
}
