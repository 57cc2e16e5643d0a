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
        string[][] all = [keys.Enqueue, keys.Lease, keys.Ack, keys.Settle, keys.Renew, keys.Return, keys.Statistics, keys.DeadLetters, [keys.HintChannel]];
        Assert.All(all.SelectMany(some => some), key => Assert.StartsWith("{rq:emails}:", key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Queues_on_three_nodes_work_and_renewals_follow_the_redirect()
    {
        RedisServer[] nodes = [await StartNodeAsync(), await StartNodeAsync(), await StartNodeAsync()];
        try
        {
            await JoinAsync(nodes);
            await using var broker = RedisBroker.Open(new RedisBrokerOptions { Configuration = nodes[0].Configuration, CallTimeout = TimeSpan.FromSeconds(5) });
            using var renewal = broker.OpenRenewalConnection();
            for (var i = 0; i < 12; i++)
            {
                var queue = new TestQueue(broker, $"queue-{i}");
                await queue.EnqueueAsync(2);
                var leased = (await queue.LeaseAsync()).Messages;
                Assert.Equal(
                    [RenewResult.Renewed, RenewResult.Renewed], renewal.Renew(queue.Name, [.. leased.Select(message => message.Lease)], queue.Visibility));
                Assert.Equal([SettleResult.Settled, SettleResult.Settled], await queue.AckAsync(leased));
            }

            foreach (var node in nodes)
            {
                // Every node had a share of the queues, so redirects were followed.
                Assert.DoesNotContain(":0\r\n", await node.CommandAsync("DBSIZE"), StringComparison.Ordinal);
            }
        }
        finally
        {
            foreach (var node in nodes)
            {
                await node.DisposeAsync();
            }
        }
    }

    private static Task<RedisServer> StartNodeAsync() => RedisServer.StartAsync("--cluster-enabled", "yes", "--cluster-node-timeout", "5000");

    private static async Task JoinAsync(RedisServer[] nodes)
    {
        for (var i = 0; i < nodes.Length; i++)
        {
            var (first, last) = (i * 16384 / nodes.Length, ((i + 1) * 16384 / nodes.Length) - 1);
            await nodes[i].CommandAsync(["CLUSTER", "ADDSLOTS", .. Enumerable.Range(first, last - first + 1).Select(slot => slot.ToString(null, null))]);
            await nodes[i].CommandAsync("CLUSTER", "MEET", "127.0.0.1", nodes[0].Port.ToString(null, null));
        }

        foreach (var node in nodes)
        {
            await Eventually.TrueAsync(
                async () => await node.CommandAsync("CLUSTER", "INFO") is var info
                    && info.Contains("cluster_state:ok", StringComparison.Ordinal) && info.Contains("cluster_known_nodes:3", StringComparison.Ordinal),
                "the nodes form a cluster",
                TimeSpan.FromSeconds(60));
        }
    }
}
