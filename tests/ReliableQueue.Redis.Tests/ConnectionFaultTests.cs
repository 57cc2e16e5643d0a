using System.Diagnostics;
using ReliableQueue.Broker;
using ReliableQueue.TestKit;
using StackExchange.Redis;
using Xunit;

namespace ReliableQueue.Redis.Tests;

/// <summary>Calls over connections that fail, in real time. What a test prepares and checks goes directly, on a broker that waits longer.</summary>
public sealed class ConnectionFaultTests(SharedRedis redis)
{
    private static readonly TimeSpan callTimeout = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_lost_reply_of_an_enqueue_is_unknown_and_its_repetition_stores_nothing_twice()
    {
        await using var proxy = new TcpFaultProxy(redis.Server.Host, redis.Server.Port);
        var prefix = NewPrefix();
        await using var broker = Open(proxy.Configuration, prefix);
        await using var steady = OpenSteady(redis.Server, prefix);
        var (queue, direct) = (new TestQueue(broker), new TestQueue(steady));
        await direct.EnqueueAsync();
        await Repeated.UntilAnsweredAsync(queue.CountAsync);
        var request = queue.NextEnqueue(TestQueue.Message(), TestQueue.Message());

        proxy.DropReplies();
        var fault = await Assert.ThrowsAsync<BrokerException>(() => broker.EnqueueAsync(request, CancellationToken.None));

        Assert.Equal(BrokerFault.Unknown, fault.Fault);
        Assert.Contains(proxy.Configuration, fault.Message, StringComparison.Ordinal);
        Assert.Contains("'emails', enqueue", fault.Message, StringComparison.Ordinal);
        await Eventually.TrueAsync(async () => (await direct.CountAsync()).Ready == 3, "the call is done");
        Assert.Equal(CallStanding.Repeated, (await Repeated.UntilAnsweredAsync(() => broker.EnqueueAsync(request, CancellationToken.None))).Answer.Standing);
        Assert.Equal(3, (await direct.CountAsync()).Ready);
    }

    [Fact]
    public async Task A_lost_reply_of_a_lease_is_answered_again_with_the_same_leases()
    {
        await using var proxy = new TcpFaultProxy(redis.Server.Host, redis.Server.Port);
        var prefix = NewPrefix();
        await using var broker = Open(proxy.Configuration, prefix);
        await using var steady = OpenSteady(redis.Server, prefix);
        var (queue, direct) = (new TestQueue(broker), new TestQueue(steady));
        await direct.EnqueueAsync(4);

        // A server that does not know the script yet says so instead of leasing.
        await direct.LeaseAsync(0);
        await Repeated.UntilAnsweredAsync(queue.CountAsync);
        var request = queue.NextLease(3);

        proxy.DropReplies();
        await Assert.ThrowsAsync<BrokerException>(() => broker.LeaseAsync(request, CancellationToken.None));
        await Eventually.TrueAsync(async () => (await direct.CountAsync()).Leased == 3, "the call is done");
        var reply = await Repeated.UntilAnsweredAsync(() => broker.LeaseAsync(request, CancellationToken.None));

        Assert.Equal((CallStanding.Repeated, 3), (reply.Answer.Standing, reply.Messages.Count));
        Assert.All(reply.Messages, message => Assert.Equal(1, message.DeliveryCount));
        var counts = await direct.CountAsync();
        Assert.Equal((1, 3), (counts.Ready, counts.Leased));
    }

    [Fact]
    public async Task Bytes_that_hid_in_the_network_do_not_bring_a_finished_message_back()
    {
        await using var server = await RedisServer.StartAsync();
        await using var proxy = new TcpFaultProxy(server.Host, server.Port);
        var prefix = NewPrefix();
        await using var broker = Open(proxy.Configuration, prefix);
        await using var steady = OpenSteady(server, prefix);
        var (queue, direct) = (new TestQueue(broker), new TestQueue(steady));
        await direct.EnqueueAsync();
        await direct.AckAsync((await direct.LeaseAsync()).Messages);
        await Repeated.UntilAnsweredAsync(queue.CountAsync);
        var request = queue.NextEnqueue(TestQueue.Message());

        proxy.HoldRequests();
        await Assert.ThrowsAsync<BrokerException>(() => broker.EnqueueAsync(request, CancellationToken.None));
        await Repeated.UntilAnsweredAsync(() => broker.EnqueueAsync(request, CancellationToken.None));
        await direct.AckAsync((await direct.LeaseAsync()).Messages);
        await steady.EnqueueAsync(queue.NextEnqueue(TestQueue.Message()), CancellationToken.None);
        var before = await CallsOfAsync(server, "evalsha");
        proxy.Release();

        await Eventually.TrueAsync(async () => await CallsOfAsync(server, "evalsha") > before, "the held call arrives");
        var counts = await direct.CountAsync();
        Assert.Equal((1, 0), (counts.Ready, counts.Leased));
    }

    [Fact]
    public async Task A_connection_that_hangs_is_replaced_within_five_call_timeouts_and_five_seconds()
    {
        await using var proxy = new TcpFaultProxy(redis.Server.Host, redis.Server.Port);
        var prefix = NewPrefix();
        await using var broker = Open(proxy.Configuration, prefix);
        await using var steady = OpenSteady(redis.Server, prefix);
        var (queue, direct) = (new TestQueue(broker), new TestQueue(steady));
        await Repeated.UntilAnsweredAsync(queue.CountAsync);
        var hinted = 0;
        using var listening = broker.Listen(queue.Name, _ => Interlocked.Increment(ref hinted));
        await Eventually.TrueAsync(() => listening.IsHeard, "the subscription is confirmed");

        proxy.Blackhole();
        var since = Stopwatch.StartNew();
        await Repeated.UntilAnsweredAsync(() => broker.Admin.GetStatisticsAsync(queue.Name, CancellationToken.None));

        Assert.InRange(since.Elapsed, TimeSpan.Zero, (5 * callTimeout) + TimeSpan.FromSeconds(5));
        await Eventually.TrueAsync(
            async () =>
            {
                await Repeated.UntilAnsweredAsync(queue.CountAsync);
                await direct.EnqueueAsync();
                await direct.AckAsync((await direct.LeaseAsync()).Messages);
                return Volatile.Read(ref hinted) > 0 && listening.IsHeard;
            },
            "hints come over the new connection");
    }

    [Fact]
    public async Task A_subscription_whose_connection_hangs_is_not_counted_on()
    {
        await using var proxy = new TcpFaultProxy(redis.Server.Host, redis.Server.Port);
        await using var broker = Open(proxy.Configuration, NewPrefix());
        using var listening = broker.Listen(new TestQueue(broker).Name, _ => { });
        await Eventually.TrueAsync(() => listening.IsHeard, "the subscription is confirmed");

        proxy.HoldReplies();

        await Eventually.TrueAsync(() => !listening.IsHeard, "the subscription is known to hang");
        proxy.Release();
        await Eventually.TrueAsync(() => listening.IsHeard, "the subscription is heard again");
    }

    [Fact]
    public async Task A_connection_of_the_application_that_hangs_is_reported_and_left_alone()
    {
        await using var proxy = new TcpFaultProxy(redis.Server.Host, redis.Server.Port);
        using var multiplexer = await ConnectionMultiplexer.ConnectAsync(proxy.Configuration + ",connectTimeout=20000");
        await using var broker = RedisBroker.Open(new RedisBrokerOptions { Connection = multiplexer, Prefix = NewPrefix(), CallTimeout = callTimeout });
        var queue = new TestQueue(broker);
        await Repeated.UntilAnsweredAsync(queue.CountAsync);

        proxy.Blackhole();
        for (var i = 0; i < 3; i++)
        {
            var fault = await Assert.ThrowsAsync<BrokerException>(() => queue.CountAsync());
            Assert.Contains("the application's own", fault.Message, StringComparison.Ordinal);
        }

        multiplexer.Close(allowCommandsToComplete: false);
    }

    [Fact]
    public async Task A_server_that_is_away_at_first_and_then_killed_is_found_again()
    {
        await using var server = await RedisServer.StartAsync("--appendonly", "yes", "--appendfsync", "always");
        await server.StopAsync();
        var prefix = NewPrefix();
        await using var broker = Open(server.Configuration, prefix);
        var queue = new TestQueue(broker);
        var request = queue.NextEnqueue(TestQueue.Message());
        var away = await Assert.ThrowsAsync<BrokerException>(() => broker.EnqueueAsync(request, CancellationToken.None));
        Assert.Equal(BrokerFault.NotApplied, away.Fault);

        await server.StartAgainAsync();
        await Repeated.UntilAnsweredAsync(() => broker.EnqueueAsync(request, CancellationToken.None));
        await using (var steady = OpenSteady(server, prefix))
        {
            Assert.Equal(1, (await new TestQueue(steady).CountAsync()).Ready);
        }

        await server.KillAsync();
        using var renewal = broker.OpenRenewalConnection();
        var lease = new HeldLease(request.Messages[0].Id, new LeaseToken(queue.Worker, 1));
        Assert.Throws<BrokerException>(() => renewal.Renew(new RenewRequest(queue.Name, [lease], queue.Visibility)));
        await server.StartAgainAsync();
        Assert.Equal(CallStanding.Repeated, (await Repeated.UntilAnsweredAsync(() => broker.EnqueueAsync(request, CancellationToken.None))).Answer.Standing);
        Assert.Equal([RenewResult.Lost], await Repeated.UntilAnsweredAsync(() => Task.FromResult(renewal.Renew(new RenewRequest(queue.Name, [lease], queue.Visibility)).Results)));
    }

    [Fact]
    public async Task A_flush_of_scripts_is_not_noticed()
    {
        await using var server = await RedisServer.StartAsync();
        await using var broker = OpenSteady(server, NewPrefix());
        var queue = new TestQueue(broker);
        using var renewal = broker.OpenRenewalConnection();
        for (var i = 0; i < 3; i++)
        {
            await server.CommandAsync("SCRIPT", "FLUSH");
            await queue.EnqueueAsync();
            await server.CommandAsync("SCRIPT", "FLUSH");
            var leased = (await queue.LeaseAsync()).Messages;
            await server.CommandAsync("SCRIPT", "FLUSH");
            Assert.Equal([RenewResult.Renewed], renewal.Renew(new RenewRequest(queue.Name, [leased[0].Lease], queue.Visibility)).Results);
            Assert.Equal([SettleResult.Settled], await queue.AckAsync(leased));
        }
    }

    private static async Task<long> CallsOfAsync(RedisServer server, string command)
    {
        var line = new ServerReport("", await server.CommandAsync("INFO", "commandstats"))["cmdstat_" + command] ?? "calls=0,";
        return long.Parse(line.AsSpan(6, line.IndexOf(',', StringComparison.Ordinal) - 6), null);
    }

    private static string NewPrefix() => "f" + Guid.NewGuid().ToString("n")[..12];

    private static IQueueBroker Open(string configuration, string prefix) =>
        RedisBroker.Open(new RedisBrokerOptions { Configuration = configuration, Prefix = prefix, CallTimeout = callTimeout });

    private static IQueueBroker OpenSteady(RedisServer server, string prefix) =>
        RedisBroker.Open(new RedisBrokerOptions { Configuration = server.Configuration, Prefix = prefix, CallTimeout = TimeSpan.FromSeconds(20) });
}
