using ReliableQueue.Broker;
using ReliableQueue.TestKit;
using Xunit;

namespace ReliableQueue.Redis.Tests;

/// <summary>A queue lives on one node of a cluster, whichever it is.</summary>
public sealed class ClusterTests
{
    [Fact]
    public void All_keys_of_a_queue_share_one_hash_tag()
    {
        var keys = new RedisKeys("rq", QueueName.Parse("emails"));
        Assert.All([.. keys.All, keys.HintChannel], key => Assert.StartsWith("{rq:emails}:", key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Queues_on_three_nodes_work_and_renewals_follow_the_redirect()
    {
        await using var cluster = await RedisCluster.StartAsync();
        await using var broker = RedisBroker.Open(new RedisBrokerOptions { Configuration = cluster.Nodes[0].Configuration, CallTimeout = TimeSpan.FromSeconds(20) });
        using var renewal = broker.OpenRenewalConnection();
        for (var i = 0; i < 12; i++)
        {
            var queue = new TestQueue(broker, $"queue-{i}");
            await queue.EnqueueAsync(2);
            var leased = (await queue.LeaseAsync()).Messages;
            Assert.Equal(
                [RenewResult.Renewed, RenewResult.Renewed], renewal.Renew(new RenewRequest(queue.Name, [.. leased.Select(message => message.Lease)], queue.Visibility)).Results);
            Assert.Equal([SettleResult.Settled, SettleResult.Settled], await queue.AckAsync(leased));
        }

        foreach (var node in cluster.Nodes)
        {
            // Every node had a share of the queues, so redirects were followed.
            Assert.DoesNotContain(":0\r\n", await node.CommandAsync("DBSIZE"), StringComparison.Ordinal);
        }
    }
}
