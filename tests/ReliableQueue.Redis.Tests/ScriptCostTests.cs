using System.Globalization;
using ReliableQueue.Broker;
using ReliableQueue.TestKit;
using Xunit;

namespace ReliableQueue.Redis.Tests;

/// <summary>
/// Measures the CPU time of a server that nobody else uses; the bound is wide, because machines differ. For figures:
/// <c>RELIABLEQUEUE_COST_MESSAGES=50000 dotnet run -c Release --project tests/ReliableQueue.Redis.Tests -- -class "*ScriptCostTests" -showLiveOutput</c>.
/// </summary>
public sealed class ScriptCostTests(ITestOutputHelper output)
{
    private static readonly int messages = int.Parse(Environment.GetEnvironmentVariable("RELIABLEQUEUE_COST_MESSAGES") ?? "1000", CultureInfo.InvariantCulture);

    // What the library and the test send.
    private static readonly string[] others = ["info", "ping", "echo", "hello", "client", "config", "cluster", "eval", "evalsha", "script", "select", "subscribe", "sentinel", "get"];

    [Theory]
    [InlineData(1, false)]
    [InlineData(10, false)]
    [InlineData(100, false)]
    [InlineData(500, false)]
    [InlineData(100, true)]
    public async Task Server_cpu_per_message(int batch, bool someRedelivered)
    {
        await using var server = await RedisServer.StartAsync();
        await using var broker = RedisBroker.Open(new RedisBrokerOptions { Configuration = server.Configuration, CallTimeout = TimeSpan.FromSeconds(20) });
        var queue = new TestQueue(broker);
        if (someRedelivered)
        {
            // One entry in deliveries turns the checks of redelivered messages on for every call.
            await queue.EnqueueAsync();
            await queue.SettleAsync((await queue.LeaseAsync()).Messages[0], new Settlement.Retry(TimeSpan.FromHours(1), null));
        }

        var body = new string('x', 200);
        var rounds = Math.Min(messages / batch, 10_000);
        List<LeasedMessage[]> leased = [];
        var start = await CpuAsync(server);
        for (var i = 0; i < rounds; i++)
        {
            await broker.EnqueueAsync(queue.NextEnqueue([.. Enumerable.Range(0, batch).Select(_ => TestQueue.Message(body))]), CancellationToken.None);
        }

        var enqueued = await CpuAsync(server);
        for (var i = 0; i < rounds; i++)
        {
            leased.Add([.. (await queue.LeaseAsync(batch)).Messages]);
        }

        var leasedAt = await CpuAsync(server);
        using (var renewal = broker.OpenRenewalConnection())
        {
            foreach (var held in leased)
            {
                _ = renewal.Renew(new RenewRequest(queue.Name, [.. held.Select(message => message.Lease)], queue.Visibility)).Results;
            }
        }

        var renewed = await CpuAsync(server);
        foreach (var held in leased)
        {
            await queue.AckAsync(held);
        }

        var end = await CpuAsync(server);
        var per = 1e6 / (rounds * batch);
        var (enqueue, lease, renew, ack) = ((enqueued - start) * per, (leasedAt - enqueued) * per, (renewed - leasedAt) * per, (end - renewed) * per);
        var life = enqueue + lease + ack;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"batch {batch}{(someRedelivered ? ", deliveries not empty" : "")}: enqueue {enqueue:F2}, lease {lease:F2}, ack {ack:F2}, life {life:F2}, renew {renew:F2} µs"));
        Assert.InRange(life, 0, 2000);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_look_at_a_queue_that_has_nothing_to_give_costs_eight_commands(bool isHeld)
    {
        await using var server = await RedisServer.StartAsync();
        await using var broker = RedisBroker.Open(new RedisBrokerOptions { Configuration = server.Configuration, CallTimeout = TimeSpan.FromSeconds(20) });
        var queue = new TestQueue(broker);
        if (isHeld)
        {
            // Somebody works: messages are leased and scheduled.
            var worker = new TestQueue(broker) { Visibility = TimeSpan.FromMinutes(10) };
            await worker.EnqueueAsync(10);
            var leased = (await worker.LeaseAsync()).Messages;
            await worker.SettleAsync(leased[0], new Settlement.Retry(TimeSpan.FromMinutes(10), null));
        }

        List<double> commands = [];
        var start = await CpuAsync(server);
        for (var look = 0; look < 50; look++)
        {
            var before = await CommandsAsync(server);
            Assert.Empty((await queue.LeaseAsync()).Messages);
            commands.Add(await CommandsAsync(server) - before);
        }

        var spent = await CpuAsync(server) - start;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{string.Join(' ', commands)} commands, {spent * 1e6 / commands.Count:F0} µs with the counting"));

        // The first look of a lane, and one look a minute, look the queue over.
        Assert.InRange(commands.Count(count => count > 8), 0, 3);
    }

    [Fact]
    public async Task An_enqueue_without_a_delay_costs_seven_commands_although_delayed_messages_wait()
    {
        await using var server = await RedisServer.StartAsync();
        await using var broker = RedisBroker.Open(new RedisBrokerOptions { Configuration = server.Configuration, CallTimeout = TimeSpan.FromSeconds(20) });
        var queue = new TestQueue(broker);
        await queue.EnqueueAsync();
        await broker.EnqueueAsync(queue.NextEnqueue(TestQueue.Message() with { Terms = new MessageTerms { Delay = TimeSpan.FromHours(1) } }), CancellationToken.None);

        List<long> commands = [];
        for (var call = 0; call < 5; call++)
        {
            var before = await CommandsAsync(server);
            await queue.EnqueueAsync(20);
            commands.Add(await CommandsAsync(server) - before);
        }

        // The facts of the queue, the last call of the lane, the time, whether the list is one, envelopes, the list, the call. One of the five may meet the listing of the queue.
        Assert.Equal(7, commands.Min());
    }

    /// <summary>How many commands the server was sent and its scripts called, without those of the test itself.</summary>
    private static async Task<long> CommandsAsync(RedisServer server)
    {
        var report = await server.CommandAsync("INFO", "commandstats");
        return report.Split('\n').Where(line => line.StartsWith("cmdstat_", StringComparison.Ordinal) && !others.Any(other => line.StartsWith("cmdstat_" + other, StringComparison.Ordinal)))
            .Sum(line => long.Parse(line.Split("calls=")[1].Split(',')[0], CultureInfo.InvariantCulture));
    }

    private static async Task<double> CpuAsync(RedisServer server)
    {
        var report = new ServerReport("", await server.CommandAsync("INFO", "cpu"));
        return Seconds(report["used_cpu_user"]) + Seconds(report["used_cpu_sys"]);
    }

    private static double Seconds(string? text) => double.Parse(text ?? "0", CultureInfo.InvariantCulture);
}
