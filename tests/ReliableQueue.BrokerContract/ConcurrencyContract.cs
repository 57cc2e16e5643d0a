using System.Collections.Concurrent;
using ReliableQueue.Broker;
using Xunit;

namespace ReliableQueue.BrokerContract;

/// <summary>Many callers at once.</summary>
public abstract class ConcurrencyContract : ContractTests
{
    private const int Callers = 8;
    private const int MessagesEach = 100;

    [Fact]
    public async Task Eight_workers_at_once_never_hold_the_same_message()
    {
        await FillAsync();
        var leased = new ConcurrentBag<LeasedMessage>();
        await AtOnceAsync(Broker, leased.Add);
        AssertEachOnce(leased);
    }

    [Fact]
    public async Task Workers_of_two_brokers_on_one_store_never_hold_the_same_message()
    {
        await FillAsync();
        await using var another = Harness.OpenAnother();
        var leased = new ConcurrentBag<LeasedMessage>();
        await Task.WhenAll(AtOnceAsync(Broker, leased.Add), AtOnceAsync(another, leased.Add));
        AssertEachOnce(leased);
    }

    [Fact(Timeout = 120_000)]
    public async Task Enqueuing_leasing_and_acking_at_once_loses_and_doubles_nothing()
    {
        var handled = new ConcurrentBag<MessageId>();
        var producers = Enumerable.Range(0, Callers).Select(_ => Task.Run(ProduceAsync, Cancel));
        var workers = Enumerable.Range(0, Callers).Select(_ => Task.Run(() => WorkAsync(handled), Cancel));
        var produced = (await Task.WhenAll(producers)).SelectMany(ids => ids).ToList();
        await Task.WhenAll(workers);
        Assert.Equal(produced.Order(), handled.Order());
        await AssertCountsAsync();
    }

    private async Task FillAsync()
    {
        for (var i = 0; i < Callers; i++)
        {
            await Producer.EnqueueAsync(MessagesEach);
        }
    }

    private Task AtOnceAsync(IQueueBroker broker, Action<LeasedMessage> take) => Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(
        async () =>
        {
            var client = new ContractClient(broker, Queue);
            while (await client.LeaseAsync(7) is { Count: > 0 } leased)
            {
                leased.ToList().ForEach(take);
            }
        },
        Cancel)));

    private static void AssertEachOnce(ConcurrentBag<LeasedMessage> leased)
    {
        Assert.Equal(Callers * MessagesEach, leased.Count);
        Assert.Equal(leased.Count, leased.Select(message => message.Lease.Message).Distinct().Count());
        Assert.Equal(leased.Count, leased.Select(message => message.Lease.Token.Fence).Distinct().Count());
    }

    private async Task<List<MessageId>> ProduceAsync()
    {
        var client = NewClient();
        var ids = new List<MessageId>();
        for (var i = 0; i < MessagesEach / 10; i++)
        {
            ids.AddRange((await client.EnqueueAsync(10)).Select(message => message.Id));
        }

        return ids;
    }

    private async Task WorkAsync(ConcurrentBag<MessageId> handled)
    {
        var client = NewClient();
        while (handled.Count < Callers * MessagesEach)
        {
            foreach (var message in await client.LeaseAsync(20))
            {
                Assert.Equal(SettleResult.Settled, await client.SettleAsync(message, Ack));
                handled.Add(message.Lease.Message);
            }
        }
    }
}
