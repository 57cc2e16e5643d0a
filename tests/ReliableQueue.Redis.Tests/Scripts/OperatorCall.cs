using ReliableQueue.Broker;
using Xunit;

namespace ReliableQueue.Redis.Tests.Scripts;

/// <summary>A call of each script that operators use, on a queue with messages in every state: of each state some with a record and some without.</summary>
internal static class OperatorCall
{
    public static async Task<Func<IQueueBroker, Task>> PrepareAsync(string script, Ledger ledger)
    {
        var queue = ledger.Queue.Name;
        var ids = await FillAsync(ledger);
        switch (script)
        {
            case "browse":
            case "browse ready":
                return broker => BrowseAsync(broker, queue, MessageState.Ready);
            case "browse scheduled":
                return broker => BrowseAsync(broker, queue, MessageState.Scheduled);
            case "browse leased":
                return broker => BrowseAsync(broker, queue, MessageState.Leased);
            case "browse dead":
                return broker => BrowseAsync(broker, queue, MessageState.DeadLettered);

            case "find":
                return async broker =>
                {
                    foreach (var id in ids)
                    {
                        Assert.NotNull(await broker.Admin.FindAsync(new FindRequest(queue, id), CancellationToken.None));
                    }
                };

            case "redrive":
                return broker => broker.Admin.RedriveAsync(new RedriveRequest(queue, ids), CancellationToken.None);

            case "delete":
                MessageId[] some = [.. ids.Where((_, index) => index % 2 == 0)];
                ledger.MayBeGone.UnionWith(some);
                return broker => broker.Admin.DeleteAsync(new DeleteRequest(queue, some), CancellationToken.None);

            case "purge":
            case "purge ready":
                return PurgeAsync(ledger, MessageState.Ready);
            case "purge scheduled":
                return PurgeAsync(ledger, MessageState.Scheduled);
            case "purge leased":
                return PurgeAsync(ledger, MessageState.Leased);
            case "purge dead":
                return PurgeAsync(ledger, MessageState.DeadLettered);

            case "pause":
                return broker => broker.Admin.PauseAsync(new PauseRequest(queue, TimeSpan.FromMilliseconds(1)), CancellationToken.None);

            case "announce":
                var announcement = new WorkerAnnouncement(queue, ledger.Queue.Worker, "host/1", 8, TimeSpan.FromMilliseconds(1));
                await ledger.Queue.Broker.Admin.AnnounceAsync(announcement, CancellationToken.None);
                return broker => broker.Admin.AnnounceAsync(announcement with { Session = SessionId.New(SystemRandomSource.Instance) }, CancellationToken.None);

            case "workers":
                return broker => broker.Admin.ListWorkersAsync(queue, CancellationToken.None);

            default:
                throw new ArgumentOutOfRangeException(nameof(script), script, "There is no such script.");
        }
    }

    private static Task<BrowseReply> BrowseAsync(IQueueBroker broker, QueueName queue, MessageState state) =>
        broker.Admin.BrowseAsync(new BrowseRequest(queue, state, null, BrokerLimits.BatchSize), CancellationToken.None);

    private static Func<IQueueBroker, Task> PurgeAsync(Ledger ledger, MessageState state)
    {
        // Whichever they are.
        ledger.MayBeGone.UnionWith(ledger.Owed);
        return broker => broker.Admin.PurgeAsync(new PurgeRequest(ledger.Queue.Name, state, BrokerLimits.BatchSize), CancellationToken.None);
    }

    /// <summary>
    /// A suspect, and two of each: dead-lettered by loss, rejected, scheduled after an error, leased for the first time, leased again, ready again, dead-lettered while they
    /// waited in a list, ready for the first time.
    /// </summary>
    private static async Task<MessageId[]> FillAsync(Ledger ledger)
    {
        var queue = ledger.Queue;
        ledger.Enqueued(await queue.EnqueueAsync(2));
        await ledger.LoseAsync(4);
        ledger.Enqueued(await queue.EnqueueAsync(1));
        await ledger.LoseAsync(2);

        ledger.Enqueued(await queue.EnqueueAsync(8));
        var leased = ledger.Given(await queue.LeaseAsync(8, suspects: 0));
        for (var i = 0; i < 2; i++)
        {
            await queue.SettleAsync(leased[i], new Settlement.DeadLetter(DeadLetterReason.Rejected, "no"));
            await queue.SettleAsync(leased[2 + i], new Settlement.Retry(TimeSpan.FromMinutes(1), "busy"));
            await queue.SettleAsync(leased[6 + i], new Settlement.Retry(TimeSpan.Zero, "busy"));
        }

        Assert.All(ledger.Given(await queue.LeaseAsync(2, suspects: 0)), message => Assert.Equal(2, message.DeliveryCount));

        var lost = new TestQueue(queue.Broker, queue.Name.Value);
        ledger.Enqueued(await queue.EnqueueAsync(2));
        var late = ledger.Given(await lost.LeaseAsync(2, suspects: 0));
        ledger.Enqueued(await queue.EnqueueAsync(2));
        foreach (var message in ledger.Given(await queue.LeaseAsync(2, suspects: 0)))
        {
            await queue.SettleAsync(message, new Settlement.Release(TimeSpan.Zero));
        }

        await queue.Broker.ReturnAsync(new ReturnRequest(queue.Name, lost.Worker, queue.MaxDeliveries), CancellationToken.None);
        foreach (var message in late)
        {
            Assert.Equal(SettleResult.Settled, await lost.SettleAsync(message, new Settlement.DeadLetter(DeadLetterReason.Rejected, null)));
        }

        ledger.Enqueued(await queue.EnqueueAsync(2));
        var counts = await queue.CountAsync();
        Assert.Equal((2, 4, 6), (counts.Scheduled, counts.Leased, counts.DeadLettered));
        return [.. ledger.Owed];
    }
}
