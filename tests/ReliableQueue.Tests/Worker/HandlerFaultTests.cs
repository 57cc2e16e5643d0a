using Microsoft.Extensions.Logging;
using ReliableQueue.Broker;
using ReliableQueue.Messages;
using ReliableQueue.Working.Handle;
using Xunit;

namespace ReliableQueue.Tests.Worker;

/// <summary>User code that throws, in every place where it runs.</summary>
public class HandlerFaultTests
{
    public static TheoryData<string, Exception> Exceptions => new()
    {
        { "plain", new NotSupportedException("plain") },
        { "several", new AggregateException(new InvalidOperationException("one"), new TimeoutException("two")) },
        { "a cancellation of its own", new OperationCanceledException() },
        { "a time-out of an HTTP client", new TaskCanceledException("timeout", new TimeoutException()) },
        { "no memory", new InsufficientMemoryException() },
        { "a bad library", new BadImageFormatException() },
        { "a long text", new InvalidOperationException(new string('\u0007', 1_000_000)) },
        { "disposed", new ObjectDisposedException("thing") },
    };

    [Theory]
    [MemberData(nameof(Exceptions), DisableDiscoveryEnumeration = true)]
    public void Whatever_a_handler_throws_it_is_tried_again_to_the_limit_and_the_worker_lives(string what, Exception exception)
    {
        var broken = true;
        using var rig = new WorkerRig();
        rig.Handler = (_, _) => broken ? throw exception : Task.CompletedTask;
        rig.Options.Retry.MaxDeliveries = 2;
        var worker = rig.Start();
        rig.Enqueue(1);
        rig.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal([1, 2], rig.Handled.Select(context => context.DeliveryCount));
        var letter = Assert.Single(rig.DeadLetters);
        Assert.Equal(DeadLetterReason.DeliveryLimit, letter.DeadLetterReason);
        Assert.True(letter.Error is { Length: <= 4096 }, what);

        broken = false;
        rig.Enqueue(1);
        Assert.Equal((0, 0), (worker.InHand, rig.Statistics.Ready));
    }

    [Fact]
    public void A_rejection_stands_although_a_service_of_its_scope_throws_when_disposed()
    {
        using var rig = new WorkerRig { Handler = (_, _) => throw new RejectMessageException("no such customer") };
        rig.OnScopeEnd = () => throw new InvalidOperationException("disposed badly");
        rig.Start();
        rig.Enqueue(1);

        var letter = Assert.Single(rig.DeadLetters);
        Assert.Equal((DeadLetterReason.Rejected, "no such customer", 1), (letter.DeadLetterReason, letter.Error, letter.DeliveryCount));
    }

    [Fact]
    public void A_handler_that_returned_is_tried_again_when_a_service_of_its_scope_throws_when_disposed()
    {
        using var rig = new WorkerRig();
        rig.OnScopeEnd = () => throw new InvalidOperationException("not saved");
        rig.Options.Retry.MaxDeliveries = 2;
        rig.Start();
        rig.Enqueue(1);
        rig.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(2, rig.Handled.Count);
        Assert.Contains("not saved", Assert.Single(rig.DeadLetters).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_handler_that_heeds_a_stop_is_released_uncounted_although_a_service_of_its_scope_throws_when_disposed()
    {
        using var rig = new WorkerRig { DrainTimeout = TimeSpan.FromSeconds(1) };
        rig.Handler = (_, token) => Task.Delay(Timeout.InfiniteTimeSpan, rig.Time, token);
        rig.OnScopeEnd = () => throw new InvalidOperationException("disposed badly");
        rig.Start();
        rig.Enqueue(1);
        rig.Stop();
        rig.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal((1, 0), (rig.Statistics.Ready, rig.Statistics.Leased));

        rig.OnScopeEnd = null;
        rig.Handler = (_, _) => Task.CompletedTask;
        rig.Start();
        rig.Settle();
        Assert.Equal([1, 1], rig.Handled.Select(context => context.DeliveryCount));
    }

    [Fact]
    public void What_user_code_on_the_token_throws_is_logged_and_the_handler_is_cancelled_all_the_same()
    {
        var log = new ErrorLog();
        using var rig = new WorkerRig { Logger = log };
        rig.Handler = (_, token) =>
        {
            token.Register(() => throw new InvalidOperationException("thrown by a callback"));
            return Task.Delay(Timeout.InfiniteTimeSpan, rig.Time, token);
        };
        rig.Options.HandlerTimeout = TimeSpan.FromSeconds(1);
        rig.Options.Retry.MaxDeliveries = 1;
        rig.Start();
        rig.Enqueue(1);
        rig.Advance(TimeSpan.FromSeconds(3));

        Assert.Contains(log.Errors, error => error is AggregateException { InnerException.Message: "thrown by a callback" });
        Assert.Contains("HandlerTimeout", Assert.Single(rig.DeadLetters).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_handler_that_returns_null_in_the_place_of_a_task_is_named()
    {
        using var rig = new WorkerRig { Registration = new HandlerRegistration<int>("work", _ => 0, (_, _, _, _) => null!) };
        rig.Options.Retry.MaxDeliveries = 1;
        rig.Start();
        rig.Enqueue(1);
        rig.Advance(TimeSpan.FromSeconds(1));

        Assert.Contains("The handler of 'work' returned null", Assert.Single(rig.DeadLetters).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("work", 1)]
    [InlineData("other", 0)]
    public void A_time_limit_of_one_type_holds_for_its_messages_only(string limited, int deadLetters)
    {
        using var rig = new WorkerRig();
        rig.Handler = (_, token) => Task.Delay(TimeSpan.FromSeconds(5), rig.Time, token);
        rig.Options.HandlerTimeouts[limited] = TimeSpan.FromSeconds(1);
        rig.Options.HandlerTimeout = TimeSpan.FromSeconds(30);
        rig.Options.Retry.MaxDeliveries = 1;
        rig.Start();
        rig.Enqueue(1);
        rig.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(deadLetters, rig.DeadLetters.Count);
    }

    [Fact]
    public void A_handler_that_ignores_its_token_keeps_its_slot_and_is_counted_until_it_returns()
    {
        var never = new TaskCompletionSource();
        using var rig = new WorkerRig();
        rig.Handler = (_, _) => never.Task;
        rig.Options.HandlerTimeout = TimeSpan.FromSeconds(3);
        rig.Options.Concurrency = 1;
        var worker = rig.Start();
        rig.Enqueue(2);
        rig.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal((1, 1), (rig.Handled.Count, worker.Overrunning));

        never.SetResult();
        rig.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal((0, 0), (worker.Overrunning, worker.InHand));
        Assert.Equal((0, 0, 0), (rig.Statistics.Ready, rig.Statistics.Scheduled, rig.Statistics.Leased));
    }

    [Fact]
    public void A_body_that_cannot_be_read_is_dead_lettered_at_once_with_its_bytes()
    {
        using var rig = new WorkerRig { Read = _ => throw new MessageUnreadableException("not such a message, at byte 3") };
        rig.Start();
        var id = Assert.Single(rig.Enqueue(1));

        var letter = Assert.Single(rig.DeadLetters);
        Assert.Equal((id, DeadLetterReason.Unreadable, 1), (letter.Id, letter.DeadLetterReason, letter.DeliveryCount));
        Assert.Contains("at byte 3", letter.Error, StringComparison.Ordinal);
        Assert.Equal("{}"u8.ToArray(), EnvelopeCodec.Decode(letter.Envelope, new MessageLimits(1024, 32, 1024)).Envelope.Body.ToArray());
        Assert.Empty(rig.Handled);
    }

    [Fact]
    public void A_body_of_another_shape_is_parked_uncounted_with_the_reason_in_the_log_until_a_version_reads_it()
    {
        var (log, isWrong) = (new EventLog(), true);
        using var rig = new WorkerRig { Logger = log };
        rig.Read = _ => isWrong ? throw new MessageUnreadableException("not such a message, at byte 3") { IsOfAnotherShape = true } : 0;
        rig.Start();
        rig.Enqueue(500);
        rig.Advance(TimeSpan.FromHours(1));

        Assert.Equal((500, 0), (rig.Statistics.Scheduled, rig.Statistics.DeadLettered));
        Assert.Matches("is parked for .*: not such a message, at byte 3$", log.Of(409)[0].Text);
        Assert.InRange(log.Of(409).Count, 20, 20 * 60);

        isWrong = false;
        rig.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal(500, rig.Handled.Count);
        Assert.All(rig.Handled, context => Assert.Equal(1, context.DeliveryCount));
    }

    [Fact]
    public void A_body_of_another_shape_that_no_version_read_in_time_is_a_dead_letter_that_says_why()
    {
        using var rig = new WorkerRig { Read = _ => throw new MessageUnreadableException("not such a message, at byte 3") { IsOfAnotherShape = true } };
        rig.Options.UnknownTypeRetention = TimeSpan.FromMinutes(5);
        rig.Start();
        rig.Enqueue(1);
        rig.Advance(TimeSpan.FromMinutes(20));

        var letter = Assert.Single(rig.DeadLetters);
        Assert.Equal((DeadLetterReason.Unreadable, "not such a message, at byte 3"), (letter.DeadLetterReason, letter.Error));
    }

    private sealed class ErrorLog : ILogger
    {
        public List<Exception> Errors { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Error && exception is not null)
            {
                Errors.Add(exception);
            }
        }
    }
}
