using ReliableQueue.Broker;
using ReliableQueue.Messages;
using ReliableQueue.TestKit;
using ReliableQueue.Working.Handle;

namespace ReliableQueue.Tests.Worker;

public sealed class BatchTests
{
    private static readonly TimeSpan linger = TimeSpan.FromMilliseconds(50);

    private readonly List<IReadOnlyList<BatchItem<int>>> batches = [];

    private TimeProvider time = TimeProvider.System;

    private Func<IReadOnlyList<BatchItem<int>>, CancellationToken, Task> handler = (_, _) => Task.CompletedTask;

    [Fact]
    public void Messages_are_gathered_up_to_the_size_and_the_rest_waits_no_longer_than_the_linger()
    {
        using var rig = Rig(size: 4, concurrency: 10);
        rig.Enqueue(10);
        Assert.Equal([4, 4], Sizes());

        rig.Advance(linger - TimeSpan.FromMilliseconds(1));
        Assert.Equal([4, 4], Sizes());

        rig.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal([4, 4, 2], Sizes());
        rig.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((0, 0, 0), (rig.Statistics.Ready, rig.Statistics.Leased, rig.Statistics.DeadLettered));
    }

    [Fact]
    public void What_is_said_of_each_message_becomes_of_it_and_the_others_are_acked()
    {
        handler = (batch, _) =>
        {
            if (batch.Count == 5)
            {
                batch[0].Reject("gone");
                batch[1].Retry(new InvalidOperationException("not now"));
                batch[2].Defer(TimeSpan.FromHours(1));
                batch[3].Retry(new RetryMessageException(TimeSpan.FromHours(2)));
            }

            return Task.CompletedTask;
        };
        using var rig = Rig(size: 5, concurrency: 5);
        rig.Enqueue(5);
        rig.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((3, 0), (rig.Statistics.Scheduled, rig.Statistics.Leased));
        Assert.Equal("gone", Assert.Single(rig.DeadLetters).Error);

        rig.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(2, rig.Statistics.Scheduled);
        rig.Advance(TimeSpan.FromHours(3));
        Assert.Equal((0, 1), (rig.Statistics.Scheduled, rig.Statistics.DeadLettered));
        Assert.Equal([1, 1, 2, 2], batches.Skip(1).Select(batch => Assert.Single(batch).Context.DeliveryCount).Prepend(batches[0][0].Context.DeliveryCount).Order());
    }

    [Fact]
    public void One_that_throws_retries_what_was_not_decided_and_each_of_it_comes_alone()
    {
        handler = (batch, _) =>
        {
            if (batch.Count > 1)
            {
                batch[0].Reject("gone");
                throw new InvalidOperationException("all of it");
            }

            return Task.CompletedTask;
        };
        using var rig = Rig(size: 8, concurrency: 8);
        rig.Enqueue(8);
        rig.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal([8, 1, 1, 1, 1, 1, 1, 1], Sizes());
        Assert.Equal((0, 0, 1), (rig.Statistics.Scheduled, rig.Statistics.Leased, rig.Statistics.DeadLettered));
    }

    [Fact]
    public void A_poisonous_message_in_a_thousand_makes_others_run_twice_at_most()
    {
        var handled = new Dictionary<MessageId, int>();
        HashSet<MessageId> poison = [];
        handler = (batch, _) =>
        {
            foreach (var item in batch)
            {
                handled[item.Context.Id] = handled.GetValueOrDefault(item.Context.Id) + 1;
            }

            return batch.Any(item => poison.Contains(item.Context.Id)) ? throw new InvalidOperationException("poison") : Task.CompletedTask;
        };
        using var rig = Rig(size: 100, concurrency: 100, maxDeliveries: 3);
        for (var round = 0; round < 10; round++)
        {
            // Enqueued while the worker cannot lease them yet, so that it is known which is poisonous before it is handled.
            rig.Stop();
            rig.Advance(TimeSpan.FromSeconds(1));
            var ids = rig.Enqueue(1_000);
            poison.Add(ids[500]);
            rig.Start();
            rig.Advance(TimeSpan.FromMinutes(10));
        }

        Assert.Equal((0, 0, 10), (rig.Statistics.Ready + rig.Statistics.Scheduled, rig.Statistics.Leased, rig.Statistics.DeadLettered));
        Assert.Equal(poison.Order(), rig.DeadLetters.Select(letter => letter.Id).Order());
        Assert.Equal(10_000, handled.Count);
        Assert.All(handled.Where(message => !poison.Contains(message.Key)), message => Assert.InRange(message.Value, 1, 2));
    }

    [Fact]
    public void The_time_limit_cancels_the_batch_and_each_of_its_messages_is_retried()
    {
        handler = (batch, token) => batch.Count == 1 ? Task.CompletedTask : Task.Delay(Timeout.InfiniteTimeSpan, time, token);
        using var rig = Rig(size: 3, concurrency: 3, handlerTimeout: TimeSpan.FromSeconds(2));
        rig.Enqueue(3);
        rig.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal([3, 1, 1, 1], Sizes());
        Assert.All(batches.Skip(1), batch => Assert.Equal(2, batch[0].Context.DeliveryCount));
    }

    [Fact]
    public void A_batch_whose_leases_are_all_lost_is_cancelled_and_settles_nothing()
    {
        var fired = false;
        handler = async (batch, token) =>
        {
            if (batches.Count == 1)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, time, token).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Current);
                fired = batch.All(item => !item.Context.IsLeaseValid);
            }
        };
        using var rig = Rig(size: 3, concurrency: 3);
        rig.Enqueue(3);
        rig.ReturnItsSession();
        rig.Advance(TimeSpan.FromMinutes(2));

        Assert.True(fired);
        Assert.Equal((0, 0, 0), (rig.Statistics.Ready, rig.Statistics.Leased, rig.Statistics.DeadLettered));
    }

    [Fact]
    public void A_body_that_is_no_such_message_is_dead_lettered_and_holds_up_no_other()
    {
        var read = 0;
        using var rig = Rig(size: 2, concurrency: 4, read: () => ++read == 1 ? throw new MessageUnreadableException("no such message") : 0);
        rig.Enqueue(3);
        rig.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal([2], Sizes());
        Assert.Equal(DeadLetterReason.Unreadable, Assert.Single(rig.DeadLetters).DeadLetterReason);
    }

    [Fact]
    public void What_is_said_after_the_batch_is_an_error()
    {
        using var rig = Rig(size: 1, concurrency: 1);
        rig.Enqueue(1);
        rig.Advance(TimeSpan.FromSeconds(1));

        Assert.Throws<InvalidOperationException>(() => batches[0][0].Reject("too late"));
    }

    private IEnumerable<int> Sizes() => batches.Select(batch => batch.Count);

    /// <summary>A worker that has started.</summary>
    private WorkerRig Rig(int size, int concurrency, int? maxDeliveries = null, TimeSpan? handlerTimeout = null, Func<int>? read = null)
    {
        var rig = new WorkerRig();
        time = rig.Time;
        rig.Options.Concurrency = concurrency;
        rig.Options.Retry.MaxDeliveries = maxDeliveries ?? rig.Options.Retry.MaxDeliveries;
        rig.Options.HandlerTimeout = handlerTimeout;
        rig.Registration = new BatchRegistration<int>("work", new BatchSettings(size, linger), _ => read?.Invoke() ?? 0, (_, batch, token) =>
        {
            batches.Add(batch);
            return handler(batch, token);
        });
        rig.Start();
        return rig;
    }
}
