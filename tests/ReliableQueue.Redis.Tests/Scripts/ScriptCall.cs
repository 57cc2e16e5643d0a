using ReliableQueue.Broker;
using ReliableQueue.TestKit;
using Xunit;

namespace ReliableQueue.Redis.Tests.Scripts;

/// <summary>A call of each script.</summary>
internal static class ScriptCall
{
    /// <summary>Makes a queue on which the script has everything to do that it can do, and gives the call.</summary>
    public static async Task<Func<IQueueBroker, Task>> PrepareAsync(string script, Ledger ledger)
    {
        var queue = ledger.Queue;
        switch (script)
        {
            case "enqueue":
                var messages = new[] { TestQueue.Message(), TestQueue.Message(), TestQueue.Message() };
                ledger.Enqueued(messages.Select(message => message.Id));
                var request = queue.NextEnqueue(messages);
                return broker => broker.EnqueueAsync(request, CancellationToken.None);

            case "enqueue delayed":
                NewMessage[] delayed = [TestQueue.Message(), .. Enumerable.Range(0, 2).Select(_ => TestQueue.Message() with { Terms = new MessageTerms { Delay = TimeSpan.FromMilliseconds(1) } })];
                ledger.Enqueued(delayed.Select(message => message.Id));
                var later = queue.NextEnqueue(delayed);
                return broker => broker.EnqueueAsync(later, CancellationToken.None);

            case "lease":
                await FillAsync(ledger);
                var lease = queue.NextLease(100);
                return async broker => ledger.Given(await broker.LeaseAsync(lease, CancellationToken.None));

            case "lease again":
                await FillAsync(ledger);
                var answered = queue.NextLease(100);
                ledger.Given(await queue.Broker.LeaseAsync(answered, CancellationToken.None));
                return async broker => ledger.Given(await broker.LeaseAsync(answered, CancellationToken.None));

            case "statistics":
                await FillAsync(ledger);
                return broker => broker.Admin.GetStatisticsAsync(queue.Name, CancellationToken.None);

            case "return":
                await FillAsync(ledger);
                ledger.Given(await queue.LeaseAsync(100));
                return broker => broker.ReturnAsync(new ReturnRequest(queue.Name, queue.Worker, queue.MaxDeliveries), CancellationToken.None);

            case "renew":
                await FillAsync(ledger);
                var held = ledger.Given(await queue.LeaseAsync(100));
                return broker =>
                {
                    using var connection = broker.OpenRenewalConnection();
                    _ = connection.Renew(new RenewRequest(queue.Name, [.. held.Select(message => message.Lease)], queue.Visibility)).Results;
                    return Task.CompletedTask;
                };

            default:
                return script.Split(' ')[0] is "ack" or "settle" ? await PrepareSettlingAsync(script, ledger) : await OperatorCall.PrepareAsync(script, ledger);
        }
    }

    private static async Task<Func<IQueueBroker, Task>> PrepareSettlingAsync(string script, Ledger ledger)
    {
        var queue = ledger.Queue;
        await FillAsync(ledger);
        var held = ledger.Given(await queue.LeaseAsync(100));
        if (script.EndsWith("late", StringComparison.Ordinal))
        {
            // Their leases ran out, and they wait to be delivered again.
            await ledger.PassTimeAsync();
            await queue.LeaseAsync(0);
        }

        Settlement[] kinds = script.StartsWith("ack", StringComparison.Ordinal)
            ? [Settlement.Ack.Plain]
            : [
                new Settlement.Retry(TimeSpan.Zero, null), new Settlement.Release(TimeSpan.Zero), new Settlement.Retry(TimeSpan.FromMinutes(1), null),
                Settlement.Ack.Plain, new Settlement.Release(TimeSpan.FromMinutes(1)), new Settlement.DeadLetter(DeadLetterReason.Rejected, "no"),
            ];
        LeaseSettlement[] requests = [.. held.Select((message, i) => new LeaseSettlement(message.Lease, kinds[i % kinds.Length]))];
        ledger.MayBeGone.UnionWith(requests.Where(request => request.Settlement is Settlement.Ack).Select(request => request.Lease.Message));
        return broker => broker.SettleAsync(new SettleRequest(queue.Name, requests), CancellationToken.None);
    }

    /// <summary>Messages never delivered, retried, scheduled, suspected, leased and run out, and run out at the limit.</summary>
    private static async Task FillAsync(Ledger ledger)
    {
        var queue = ledger.Queue;
        ledger.Enqueued(await queue.EnqueueAsync(2));
        await ledger.LoseAsync(4);

        ledger.Enqueued(await queue.EnqueueAsync(4));
        var leased = ledger.Given(await queue.LeaseAsync(4, suspects: 0));
        await queue.SettleAsync(leased[0], new Settlement.Retry(TimeSpan.Zero, null));
        await queue.SettleAsync(leased[1], new Settlement.Retry(TimeSpan.FromMinutes(1), null));
        Assert.Equal(queue.MaxDeliveries, Assert.Single(ledger.Given(await queue.LeaseAsync(1))).DeliveryCount);
        await ledger.PassTimeAsync();
        ledger.Enqueued(await queue.EnqueueAsync(3));
    }
}
