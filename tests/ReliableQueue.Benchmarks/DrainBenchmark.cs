using System.Globalization;
using System.Runtime.InteropServices;
using ReliableQueue.TestKit;
using StackExchange.Redis;

namespace ReliableQueue.Benchmarks;

/// <summary>Enqueue and drain, end to end and bare, in turn on one Redis, and the table of both.</summary>
internal static class DrainBenchmark
{
    private const string Prefix = "rqbench";

    public static async Task<int> RunAsync(DrainPlan plan, string? configuration)
    {
        await using var server = configuration is null ? await RedisServer.StartAsync("--appendonly", "yes", "--appendfsync", "everysec") : null;
        var address = configuration ?? server?.Configuration ?? "";
        using var redis = await ConnectionMultiplexer.ConnectAsync(address + ",allowAdmin=true");
        var probe = new RedisProbe(redis, Prefix);
        var bare = new List<Rates>();
        var whole = new List<Rates>();

        // The first round warms the compiler up and is thrown away.
        for (var run = 0; run <= plan.Runs; run++)
        {
            var envelope = await SampleEnvelope.TakeAsync(address, Prefix, probe);
            var (ceiling, measured) = (await new BareScripts(plan, redis, Prefix).RunAsync(envelope, probe), await EndToEnd.RunAsync(plan, address, Prefix, probe));
            if (run > 0)
            {
                bare.Add(ceiling);
                whole.Add(measured);
                Console.WriteLine($"run {run}: bare {Text(ceiling)} · end to end {Text(measured)}");
            }
        }

        probe.Clear();
        Print(plan, Rates.MedianOf(bare), Rates.MedianOf(whole));
        return 0;
    }

    private static string Text(Rates rates) => string.Create(CultureInfo.InvariantCulture, $"enqueue {rates.Enqueued:N0}/s, drain {rates.Drained:N0}/s");

    private static void Print(DrainPlan plan, Rates bare, Rates whole)
    {
        FormattableString table = $"""

            {plan.Messages:N0} messages of 100 characters, concurrency {plan.Concurrency:N0}, batches of up to 500, {DrainPlan.EnqueueCalls} enqueue calls (as many callers, {DrainPlan.EnqueueChunk:N0} messages each) and {DrainPlan.DrainCalls} drain calls in flight,
            median of {plan.Runs} runs; {RuntimeInformation.FrameworkDescription}, {Environment.ProcessorCount} processors shared with Redis.

                                      bare scripts     end to end     ratio
            enqueued per second      {bare.Enqueued,13:N0}  {whole.Enqueued,13:N0}  {whole.Enqueued / bare.Enqueued,8:P0}
            drained per second       {bare.Drained,13:N0}  {whole.Drained,13:N0}  {whole.Drained / bare.Drained,8:P0}
            server µs per message    {bare.ServerMicroseconds,13:N1}  {whole.ServerMicroseconds,13:N1}
            client µs per drained    {bare.ClientMicroseconds,13:N1}  {whole.ClientMicroseconds,13:N1}
            bytes per message        {"",13}  {whole.EnqueueBytes,13:N0}  to enqueue
                                     {"",13}  {whole.DrainBytes,13:N0}  to drain
            every message handled once; keys left: meta, calls
            """;
        Console.WriteLine(table.ToString(CultureInfo.InvariantCulture));
    }
}
