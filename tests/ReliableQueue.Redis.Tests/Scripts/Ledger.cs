using ReliableQueue.Broker;
using ReliableQueue.TestKit;
using StackExchange.Redis;
using Xunit;

namespace ReliableQueue.Redis.Tests.Scripts;

/// <summary>One queue in every state a message can have, every token it gave out, and what must still come of its messages.</summary>
internal sealed class Ledger(IQueueBroker broker, IDatabase database, RedisKeys keys) : IDisposable
{
    private readonly List<HeldLease> given = [];
    private readonly IRenewalConnection renewal = broker.OpenRenewalConnection();
    private readonly Places places = new(database, keys);

    public TestQueue Queue { get; } = new(broker, keys.Queue.Value) { MaxDeliveries = 4 };

    /// <summary>Messages somebody was promised: each must be delivered again, be dead, or be settled.</summary>
    public HashSet<MessageId> Owed { get; } = [];

    public HashSet<MessageId> MayBeGone { get; } = [];

    public void Enqueued(IEnumerable<MessageId> ids) => Owed.UnionWith(ids);

    public LeasedMessage[] Given(LeaseReply reply)
    {
        given.AddRange(reply.Messages.Select(message => message.Lease).Except(given));
        return [.. reply.Messages];
    }

    /// <summary>Leases everything, loses the worker, and does so as often as asked.</summary>
    public async Task LoseAsync(int times)
    {
        for (var i = 0; i < times; i++)
        {
            Given(await Queue.LeaseAsync(100));
            await PassTimeAsync();
        }

        await Queue.LeaseAsync(0);
    }

    /// <summary>Ends every lease and makes everything scheduled due.</summary>
    public async Task PassTimeAsync() => await database.ScriptEvaluateAsync(
        """
        for _, key in ipairs(KEYS) do
          for _, entry in ipairs(redis.call('ZRANGE', key, 0, -1)) do
            redis.call('ZADD', key, 1, entry)
          end
        end
        """,
        [keys.Lease[0], keys.Lease[6]]);

    /// <summary>Every worker there ever was settles all it was given; what it is told is done may be gone, and no dead letter is another one after it.</summary>
    public async Task SettleLateAsync(Settlement settlement, string when)
    {
        var before = await DeadAsync();
        var reply = await broker.SettleAsync(new SettleRequest(keys.Queue, [.. given.Select(lease => new LeaseSettlement(lease, settlement))]), CancellationToken.None);
        if (settlement is Settlement.Ack)
        {
            MayBeGone.UnionWith(given.Zip(reply.Results).Where(pair => pair.Second != SettleResult.Stale).Select(pair => pair.First.Message));
        }

        Assert.True(before.SequenceEqual(await DeadAsync()), $"{when}: a dead letter was taken apart");
    }

    /// <summary>No message has two tokens that can still renew.</summary>
    public void AssertOneHolderEach()
    {
        var holders = given.Count == 0 ? [] : given.Zip(renewal.Renew(new RenewRequest(keys.Queue, given, TimeSpan.FromMinutes(1))).Results)
            .Where(pair => pair.Second == RenewResult.Renewed).Select(pair => pair.First.Message).ToList();
        Assert.Equal(holders.Count, holders.Distinct().Count());
    }

    public void Dispose() => renewal.Dispose();

    private async Task<IEnumerable<(MessageId Id, DeadLetterReason? Reason, int Count)>> DeadAsync() =>
        (await broker.DeadLettersAsync(keys.Queue, CancellationToken.None)).Select(letter => (letter.Id, letter.DeadLetterReason, letter.DeliveryCount));

    public Task<string> ContentsAsync() => places.ContentsAsync();

    public Task AssertOnePlaceEachAsync(string when) => places.AssertOneEachAsync(when);

    /// <summary>After all leases ended, lease calls of another worker find every owed message once each, and acking them leaves only dead letters.</summary>
    public async Task AssertNothingLostAsync(string when)
    {
        AssertOneHolderEach();
        await PassTimeAsync();
        var finder = new TestQueue(broker, keys.Queue.Value);
        List<LeasedMessage> found = [];
        for (var i = 0; i < 12; i++)
        {
            found.AddRange(Given(await finder.LeaseAsync(100)));
            AssertOneHolderEach();
        }

        var dead = (await broker.DeadLettersAsync(keys.Queue, CancellationToken.None)).Select(letter => letter.Id).ToHashSet();
        var missing = Owed.Except(found.Select(message => message.Lease.Message)).Except(dead).Except(MayBeGone);
        Assert.True(!missing.Any(), $"{when}: lost {string.Join(", ", missing)}");
        var twice = found.GroupBy(message => message.Lease.Message).Where(group => group.Count() > 1).Select(group => group.Key);
        Assert.True(!twice.Any(), $"{when}: delivered twice {string.Join(", ", twice)}");

        if (found.Count > 0)
        {
            await finder.AckAsync(found);
        }

        await places.AssertNothingLeftOverAsync(when);
    }
}
