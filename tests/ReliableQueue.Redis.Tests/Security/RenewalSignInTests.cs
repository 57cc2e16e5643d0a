using ReliableQueue.Broker;
using ReliableQueue.TestKit;
using StackExchange.Redis;
using StackExchange.Redis.Configuration;
using Xunit;

namespace ReliableQueue.Redis.Tests.Security;

/// <summary>The socket of the renewals gets in as the client does, wherever the configuration tells how; where it does not, renewals share the client's connection.</summary>
public sealed class RenewalSignInTests
{
    private const string Secret = "hunter2";
    private const string Shared = "share the main one";

    private static readonly TimeSpan callTimeout = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData("")]
    [InlineData(",protocol=resp3")]
    public async Task User_and_password_of_a_provider_open_the_socket(string more)
    {
        await using var server = await StartAsync();
        var options = ConfigurationOptions.Parse(server.Configuration + more);
        options.Defaults = new Vault();
        using var log = new LinesLogger();
        await using var broker = RedisBroker.Open(new RedisBrokerOptions { ConfigurationOptions = options, CallTimeout = callTimeout }, logger: log);

        await AssertRenewsAsync(broker);
        Assert.DoesNotContain(log.Lines, line => line.Contains(Shared, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_connection_of_the_application_that_does_not_tell_its_password_is_shared()
    {
        await using var server = await StartAsync();
        var options = ConfigurationOptions.Parse(server.Configuration + ",connectTimeout=20000,syncTimeout=20000");
        options.Defaults = new Vault();
        using var multiplexer = await ConnectionMultiplexer.ConnectAsync(options);
        using var log = new LinesLogger();
        await using var broker = RedisBroker.Open(new RedisBrokerOptions { Connection = multiplexer, CallTimeout = callTimeout }, logger: log);

        await AssertRenewsAsync(broker);
        Assert.Contains(Shared, Assert.Single(log.Lines), StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, log.Lines.First(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Behind_a_Sentinel_the_socket_goes_to_the_primary_and_after_a_failover_to_the_new_one()
    {
        await using var redis = await RedisSentinel.StartAsync("orders");
        using var log = new LinesLogger();
        await using var broker = RedisBroker.Open(new RedisBrokerOptions { Configuration = redis.Configuration, CallTimeout = callTimeout }, logger: log);
        var (queue, lease) = await LeaseAsync(broker);
        using var renewal = broker.OpenRenewalConnection();
        RenewResult Renew() => renewal.Renew(new RenewRequest(queue.Name, [lease], queue.Visibility)).Results[0];
        Assert.Equal(RenewResult.Renewed, Renew());

        await redis.FailOverAsync();
        await Eventually.TrueAsync(
            () =>
            {
                try
                {
                    return Task.FromResult(Renew() == RenewResult.Renewed);
                }
                catch (BrokerException)
                {
                    return Task.FromResult(false);
                }
            },
            "the lease is renewed at the new primary");
        Assert.DoesNotContain(log.Lines, line => line.Contains(Shared, StringComparison.Ordinal));
    }

    /// <summary>A server that asks for a password: only the role of this test is known to its clients.</summary>
    private static async Task<RedisServer> StartAsync()
    {
        var server = await RedisServer.StartAsync("--requirepass", "of nobody");
        server.Password = "of nobody";
        Assert.Equal("+OK", (await server.CommandAsync("ACL", "SETUSER", Vault.Role, "on", ">" + Secret, "~*", "&*", "+@all")).Trim());
        return server;
    }

    private static async Task AssertRenewsAsync(IQueueBroker broker)
    {
        var (queue, lease) = await LeaseAsync(broker);
        using var renewal = broker.OpenRenewalConnection();
        Assert.Equal([RenewResult.Renewed], renewal.Renew(new RenewRequest(queue.Name, [lease], queue.Visibility)).Results);
    }

    private static async Task<(TestQueue Queue, HeldLease Lease)> LeaseAsync(IQueueBroker broker)
    {
        var queue = new TestQueue(broker);
        await queue.EnqueueAsync();
        return (queue, (await queue.LeaseAsync()).Messages[0].Lease);
    }

    private sealed class Vault : DefaultOptionsProvider
    {
        public const string Role = "rq-worker";

        public override string? User => Role;

        public override string? Password => Secret;
    }
}
