using ReliableQueue.Broker;
using ReliableQueue.TestKit;
using StackExchange.Redis;
using Xunit;

namespace ReliableQueue.Redis.Tests;

/// <summary>Renewals run when nothing else can. Alone, because one of these takes every pool thread.</summary>
[Collection(nameof(AloneCollection))]
public sealed class RenewalTests
{
    private static readonly TimeSpan callTimeout = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Renewals_go_on_while_the_thread_pool_is_blocked()
    {
        await using var server = await RedisServer.StartAsync();
        await using var broker = RedisBroker.Open(new RedisBrokerOptions { Configuration = server.Configuration, CallTimeout = callTimeout });
        var queue = new TestQueue(broker);
        await queue.EnqueueAsync();
        var lease = (await queue.LeaseAsync()).Messages[0].Lease;
        using var renewal = broker.OpenRenewalConnection();
        using var free = new ManualResetEventSlim();
        ThreadPool.GetMinThreads(out var least, out _);
        var blocked = Enumerable.Range(0, least + 200).Select(_ => Task.Run(free.Wait, CancellationToken.None)).ToArray();

        var results = new List<RenewResult>();
        BrokerException? failed = null;
        var thread = new Thread(() =>
        {
            try
            {
                for (var i = 0; i < 20; i++)
                {
                    results.AddRange(renewal.Renew(new RenewRequest(queue.Name, [lease], queue.Visibility)).Results);
                }
            }
            catch (BrokerException fault)
            {
                failed = fault;
            }
        });
        thread.Start();
        var done = thread.Join(TimeSpan.FromSeconds(60));
        var stillBlocked = blocked.Count(task => !task.IsCompleted);
        free.Set();
        await Task.WhenAll(blocked);

        Assert.True(done);
        Assert.Null(failed);
        Assert.Equal(blocked.Length, stillBlocked);
        Assert.Equal(20, results.Count);
        Assert.All(results, result => Assert.Equal(RenewResult.Renewed, result));
    }

    [Fact]
    public async Task Renew_PasswordAndDatabase_AreUsed()
    {
        await using var server = await RedisServer.StartAsync("--requirepass", "hunter2");
        await using var broker = RedisBroker.Open(
            new RedisBrokerOptions { Configuration = server.Configuration + ",password=hunter2", Database = 3, CallTimeout = callTimeout });
        await AssertRenewsAsync(broker);
        Assert.DoesNotContain("hunter2", broker.Info.Identity, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Renew_WrongPassword_IsRefusedWithoutNamingIt()
    {
        await using var server = await RedisServer.StartAsync("--requirepass", "hunter2");
        await using var broker = RedisBroker.Open(new RedisBrokerOptions { Configuration = server.Configuration + ",password=hunter3", CallTimeout = callTimeout });
        using var renewal = broker.OpenRenewalConnection();
        var lease = new HeldLease(TestQueue.Message().Id, new LeaseToken(new SessionId(1), 1));
        var fault = Assert.Throws<BrokerException>(() => renewal.Renew(new RenewRequest(QueueName.Parse("emails"), [lease], TimeSpan.FromSeconds(30))).Results);
        Assert.Equal(BrokerFault.Refused, fault.Fault);
        Assert.DoesNotContain("hunter3", fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Renew_ConnectionOfTheApplication_WorksAndIsNotDisposed()
    {
        await using var server = await RedisServer.StartAsync("--requirepass", "hunter2");
        using var multiplexer = await ConnectionMultiplexer.ConnectAsync(server.Configuration + ",password=hunter2,connectTimeout=20000,syncTimeout=20000");
        await using (var broker = RedisBroker.Open(new RedisBrokerOptions { Connection = multiplexer, Database = 2, CallTimeout = callTimeout }))
        {
            await AssertRenewsAsync(broker);
        }

        await using (var broker = RedisBroker.Open(
            new RedisBrokerOptions { ConnectionFactory = _ => Task.FromResult<IConnectionMultiplexer>(multiplexer), Prefix = "made", CallTimeout = callTimeout }))
        {
            await AssertRenewsAsync(broker);
        }

        Assert.True(multiplexer.GetDatabase().KeyExists("{made:emails}:meta"));
    }

    private static async Task AssertRenewsAsync(IQueueBroker broker)
    {
        var queue = new TestQueue(broker);
        await queue.EnqueueAsync();
        var lease = (await queue.LeaseAsync()).Messages[0].Lease;
        using var renewal = broker.OpenRenewalConnection();
        Assert.Equal([RenewResult.Renewed], renewal.Renew(new RenewRequest(queue.Name, [lease], queue.Visibility)).Results);
    }
}
