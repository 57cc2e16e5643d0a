using System.Globalization;
using ReliableQueue.Broker;
using Xunit;

namespace ReliableQueue.Redis.Tests;

/// <summary>Measures; asserts nothing. Run: <c>dotnet run -c Release --project tests/ReliableQueue.Redis.Tests -- -explicit only -class "*ScriptCostTests" -showLiveOutput</c>.</summary>
public sealed class ScriptCostTests(SharedRedis redis, ITestOutputHelper output)
{
    private const int Messages = 50_000;

    [Theory(Explicit = true)]
    [InlineData(1, false)]
    [InlineData(10, false)]
    [InlineData(100, false)]
    [InlineData(500, false)]
    [InlineData(100, true)]
    public async Task Server_cpu_per_message(int batch, bool someRedelivered)
    {
        await using var broker = RedisBroker.Open(
            new RedisBrokerOptions { Configuration = redis.Server.Configuration, Prefix = "cost" + Guid.NewGuid().ToString("n")[..8] });
        var queue = new TestQueue(broker);
        if (someRedelivered)
        {
            // One entry in deliveries turns the checks of redelivered messages on for every call.
            await queue.EnqueueAsync();
            await queue.SettleAsync((await queue.LeaseAsync()).Messages[0], new Settlement.Retry(TimeSpan.FromHours(1)));
        }

        var body = new string('x', 200);
        var rounds = Math.Min(Messages / batch, 10_000);
        List<LeasedMessage[]> leased = [];
        var start = await CpuAsync();
        for (var i = 0; i < rounds; i++)
        {
            await broker.EnqueueAsync(queue.Name, queue.NextEnqueue([.. Enumerable.Range(0, batch).Select(_ => TestQueue.Message(body))]), CancellationToken.None);
        }

        var enqueued = await CpuAsync();
        for (var i = 0; i < rounds; i++)
        {
            leased.Add([.. (await queue.LeaseAsync(batch)).Messages]);
        }

        var leasedAt = await CpuAsync();
        using (var renewal = broker.OpenRenewalConnection())
        {
            foreach (var messages in leased)
            {
                _ = renewal.Renew(queue.Name, [.. messages.Select(message => message.Lease)], queue.Visibility);
            }
        }

        var renewed = await CpuAsync();
        foreach (var messages in leased)
        {
            await queue.AckAsync(messages);
        }

        var end = await CpuAsync();
        var per = 1e6 / (rounds * batch);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"batch {batch}{(someRedelivered ? ", deliveries not empty" : "")}: enqueue {(enqueued - start) * per:F2}, lease {(leasedAt - enqueued) * per:F2}, ack {(end - renewed) * per:F2}, life {(enqueued - start + leasedAt - enqueued + end - renewed) * per:F2} µs; renew {(renewed - leasedAt) * per:F2} µs"));
    }

    private async Task<double> CpuAsync()
    {
        var report = new ServerReport(await redis.Server.CommandAsync("INFO", "cpu"));
        return Seconds(report["used_cpu_user"]) + Seconds(report["used_cpu_sys"]);
    }

    private static double Seconds(string? text) => double.Parse(text ?? "0", CultureInfo.InvariantCulture);
}
