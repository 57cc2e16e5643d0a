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

    private static async Task<double> CpuAsync(RedisServer server)
    {
        var report = new ServerReport("", await server.CommandAsync("INFO", "cpu"));
        return Seconds(report["used_cpu_user"]) + Seconds(report["used_cpu_sys"]);
    }

    private static double Seconds(string? text) => double.Parse(text ?? "0", CultureInfo.InvariantCulture);
}
