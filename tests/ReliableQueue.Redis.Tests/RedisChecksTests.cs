using ReliableQueue.Broker;
using ReliableQueue.TestKit;
using Xunit;

namespace ReliableQueue.Redis.Tests;

/// <summary>What a start-up check says about servers that lose messages.</summary>
public sealed class RedisChecksTests
{
    [Fact]
    public async Task CheckAsync_SafeServer_FindsNothing() => Assert.Empty(await CheckAsync("--appendonly", "yes"));

    [Fact]
    public async Task CheckAsync_NoAppendOnlyFile_Warns()
    {
        var finding = Assert.Single(await CheckAsync());
        Assert.Equal((FindingSeverity.Warning, "no-aof"), (finding.Severity, finding.Code));
        Assert.Contains("CONFIG SET appendonly yes", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CheckAsync_EvictionPolicy_Refuses()
    {
        var finding = Assert.Single(await CheckAsync("--appendonly", "yes", "--maxmemory-policy", "allkeys-lru"));
        Assert.Equal((FindingSeverity.Refusal, "eviction-policy"), (finding.Severity, finding.Code));
        Assert.Contains("allkeys-lru", finding.Message, StringComparison.Ordinal);
        Assert.Contains("CONFIG SET maxmemory-policy noeviction", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replica_is_refused_and_a_call_to_it_is_certainly_not_done()
    {
        await using var primary = await RedisServer.StartAsync();
        await using var replica = await RedisServer.StartAsync("--appendonly", "yes", "--replicaof", "127.0.0.1", primary.Port.ToString(null, null));
        await Eventually.TrueAsync(async () => (await replica.CommandAsync("INFO", "replication")).Contains("master_link_status:up", StringComparison.Ordinal), "the replica follows");
        await using var broker = RedisBroker.Open(new RedisBrokerOptions { Configuration = replica.Configuration, CallTimeout = TimeSpan.FromSeconds(10) });

        Assert.Contains(await broker.Admin.CheckAsync(CancellationToken.None), finding => finding is { Severity: FindingSeverity.Refusal, Code: "replica" });
        var fault = await Assert.ThrowsAsync<BrokerException>(() => new TestQueue(broker).EnqueueAsync());
        Assert.Equal(BrokerFault.NotApplied, fault.Fault);
    }

    [Theory]
    [InlineData("redis_version:6.0.16\r\nrole:master", "version")]
    [InlineData("redis_version:6.2.0\r\nrole:master", null)]
    [InlineData("redis_version:5.0.0\r\nserver_name:valkey\r\nvalkey_version:8.0.1\r\nrole:master", null)]
    public void Judge_Version_IsRefusedWhenTooOld(string info, string? code) =>
        Assert.Equal(code, Judge("127.0.0.1", info).SingleOrDefault()?.Code);

    [Fact]
    public void Judge_RemoteServerInClear_Warns()
    {
        Assert.Equal(["no-tls", "no-password"], Judge("redis.example", "").Select(finding => finding.Code));
        Assert.Empty(Judge("redis.example,ssl=true,password=secret", ""));
        Assert.Empty(Judge("rediss://:secret@redis.example", ""));
        Assert.Empty(Judge("localhost:1,[::1]:1", ""));
    }

    [Fact]
    public async Task A_queue_of_a_newer_layout_is_refused()
    {
        await using var server = await RedisServer.StartAsync();
        await using var broker = RedisBroker.Open(new RedisBrokerOptions { Configuration = server.Configuration, CallTimeout = TimeSpan.FromSeconds(10) });
        await server.CommandAsync("HSET", "{rq:emails}:meta", "layout", "2", "reader", "2");
        var fault = await Assert.ThrowsAsync<BrokerException>(() => new TestQueue(broker).EnqueueAsync());
        Assert.Equal(BrokerFault.Refused, fault.Fault);
        Assert.Contains("layout 2", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_leased_before_a_newer_layout_came_is_still_renewed_and_settled()
    {
        await using var server = await RedisServer.StartAsync();
        await using var broker = RedisBroker.Open(new RedisBrokerOptions { Configuration = server.Configuration, CallTimeout = TimeSpan.FromSeconds(10) });
        var queue = new TestQueue(broker);
        await queue.EnqueueAsync(3);
        var held = (await queue.LeaseAsync()).Messages;
        await server.CommandAsync("HSET", "{rq:emails}:meta", "layout", "2", "reader", "2");

        using var renewal = broker.OpenRenewalConnection();
        Assert.All(renewal.Renew(new RenewRequest(queue.Name, [.. held.Select(message => message.Lease)], queue.Visibility)).Results, result => Assert.Equal(RenewResult.Renewed, result));
        Assert.Equal(SettleResult.Settled, await queue.SettleAsync(held[0], Settlement.Ack.Plain));
        Assert.Equal(SettleResult.Settled, await queue.SettleAsync(held[1], new Settlement.Retry(TimeSpan.Zero, null)));
        Assert.Equal(SettleResult.Settled, await queue.SettleAsync(held[2], new Settlement.DeadLetter(DeadLetterReason.Rejected, "no")));
        Assert.Equal(BrokerFault.Refused, (await Assert.ThrowsAsync<BrokerException>(() => queue.LeaseAsync())).Fault);
        Assert.Equal(
            BrokerFault.Refused,
            (await Assert.ThrowsAsync<BrokerException>(() => broker.ReturnAsync(new ReturnRequest(queue.Name, queue.Worker, 5), CancellationToken.None))).Fault);
    }

    private static IReadOnlyList<BrokerFinding> Judge(string configuration, string info) =>
        RedisChecks.Judge(RedisAddress.Parse(configuration), [new ServerReport("127.0.0.1:6379", info)]);

    private static async Task<IReadOnlyList<BrokerFinding>> CheckAsync(params string[] arguments)
    {
        await using var server = await RedisServer.StartAsync(arguments);
        await using var broker = RedisBroker.Open(new RedisBrokerOptions { Configuration = server.Configuration, CallTimeout = TimeSpan.FromSeconds(10) });
        return await broker.Admin.CheckAsync(CancellationToken.None);
    }
}
