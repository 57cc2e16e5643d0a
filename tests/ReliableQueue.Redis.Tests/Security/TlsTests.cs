using System.Text;
using Microsoft.Extensions.Logging;
using ReliableQueue.Broker;
using ReliableQueue.TestKit;
using StackExchange.Redis;
using Xunit;

namespace ReliableQueue.Redis.Tests.Security;

/// <summary>What crosses the network when TLS is asked for. Whom a process trusts is set when it starts, so what a trusted chain does is shown by the fault tests.</summary>
public sealed class TlsTests
{
    private const string Password = "c4nary-of-the-wire";

    private static readonly TimeSpan callTimeout = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_server_that_speaks_no_TLS_is_sent_nothing_in_clear_neither_by_calls_nor_by_renewals()
    {
        await using var listener = new RecordingListener();
        await using var broker = RedisBroker.Open(new RedisBrokerOptions
        {
            Configuration = $"127.0.0.1:{listener.Port},ssl=true,connectTimeout=500,connectRetry=2,password={Password}",
            CallTimeout = TimeSpan.FromSeconds(1),
        });

        await Assert.ThrowsAsync<BrokerException>(() => new TestQueue(broker).EnqueueAsync());
        await Assert.ThrowsAsync<BrokerException>(() => broker.Admin.CheckAsync(CancellationToken.None));
        using var renewal = broker.OpenRenewalConnection();
        Assert.Throws<BrokerException>(() => renewal.Renew(new RenewRequest(QueueName.Parse("emails"), [Lease()], TimeSpan.FromSeconds(30))).Results);

        // 22 begins a handshake; everything of Redis begins with a star, or with a word when it is typed.
        Assert.True(listener.Conversations.Count >= 2, $"{listener.Conversations.Count} connections were made.");
        Assert.All(listener.Conversations, bytes => Assert.Equal(22, bytes[0]));
        Assert.All(listener.Conversations, bytes => AssertNothingInClear(Encoding.Latin1.GetString(bytes)));
    }

    [Theory]
    [InlineData("self-signed")]
    [InlineData("expired")]
    public async Task A_certificate_that_is_not_trusted_is_refused_with_its_reason(string kind)
    {
        using var authority = new TestAuthority();
        var port = RedisServer.FreePort();
        await using var server = await RedisServer.StartAsync(
            [.. kind == "expired" ? authority.Serve(port, days: -2) : authority.ServeSelfSigned(port), "--requirepass", Password]);
        await using var broker = RedisBroker.Open(new RedisBrokerOptions
        {
            Configuration = $"127.0.0.1:{port},ssl=true,sslHost={TestAuthority.ServerName},connectTimeout=1000,password={Password}", CallTimeout = callTimeout,
        });

        var refused = await Assert.ThrowsAsync<BrokerException>(() => broker.Admin.CheckAsync(CancellationToken.None));
        await Assert.ThrowsAsync<BrokerException>(() => new TestQueue(broker).EnqueueAsync());

        Assert.True(refused.Fault == BrokerFault.Refused, refused.Message);
        Assert.Contains("TLS failed, and nothing was sent.", refused.Message, StringComparison.Ordinal);
        Assert.Contains(kind == "expired" ? "NotTimeValid" : "UntrustedRoot", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_callback_of_the_application_decides_for_its_connection_and_renewals_share_it()
    {
        using var authority = new TestAuthority();
        using var log = new LinesLogger();
        var port = RedisServer.FreePort();
        await using var server = await RedisServer.StartAsync([.. authority.Serve(port), "--requirepass", Password]);
        var options = ConfigurationOptions.Parse($"127.0.0.1:{port},ssl=true,sslHost={TestAuthority.ServerName},password={Password},defaultDatabase=3,connectTimeout=20000,syncTimeout=20000");
        options.CertificateValidation += (_, certificate, _, _) => authority.Vouches(certificate);
        using var multiplexer = await ConnectionMultiplexer.ConnectAsync(options);
        await using var broker = RedisBroker.Open(new RedisBrokerOptions { Connection = multiplexer, CallTimeout = callTimeout }, logger: log);

        var queue = new TestQueue(broker);
        await queue.EnqueueAsync();
        var lease = (await queue.LeaseAsync()).Messages[0].Lease;
        using var renewal = broker.OpenRenewalConnection();

        Assert.Equal([RenewResult.Renewed], renewal.Renew(new RenewRequest(queue.Name, [lease], queue.Visibility)).Results);
        Assert.Contains("share the main one", Assert.Single(log.Lines), StringComparison.Ordinal);
        Assert.True(multiplexer.GetDatabase(3).KeyExists("{rq:emails}:meta"));
    }

    private static HeldLease Lease() => new(TestQueue.Message().Id, new LeaseToken(new SessionId(1), 1));

    private static void AssertNothingInClear(string sent) =>
        Assert.All(["PING", "AUTH", "ECHO", "CLIENT", "EVAL", Password], word => Assert.DoesNotContain(word, sent, StringComparison.OrdinalIgnoreCase));
}
