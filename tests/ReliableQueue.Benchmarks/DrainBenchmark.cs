using System.Globalization;

namespace ReliableQueue.Benchmarks;

/// <summary>Enqueue and drain: through the library, with its bare scripts, and with the yardstick, in turn on one store.</summary>
internal static class DrainBenchmark
{
    private const string Table = "enqueue, then drain";

    /// <summary>Measures into a sheet. The bare scripts and the yardstick are there on Redis alone.</summary>
    public static async Task RunAsync(DrainPlan plan, Store store, Sheet sheet)
    {
        List<Rates> yardstick = [], bare = [], whole = [];

        // The first round warms the compiler up and is thrown away.
        for (var run = 0; run <= plan.Runs; run++)
        {
            if (store.Probe is { } probe)
            {
                var envelope = await SampleEnvelope.TakeAsync(store.Address, Store.Prefix, probe);
                Keep(yardstick, run, "yardstick", await new Yardstick(plan, store.Redis).RunAsync(envelope, probe));
                Keep(bare, run, "bare scripts", await new BareScripts(plan, store.Redis, Store.Prefix).RunAsync(envelope, probe));
            }

            Keep(whole, run, "end to end", await EndToEnd.RunAsync(plan, store));
        }

        store.Clear();
        if (bare.Count > 0)
        {
            AddRates(sheet, "yardstick", Rates.MedianOf(yardstick), isWhole: false);
            AddRates(sheet, "bare scripts", Rates.MedianOf(bare), isWhole: false);
        }

        AddRates(sheet, "end to end", Rates.MedianOf(whole), isWhole: true);
        if (bare.Count > 0)
        {
            AddRatios(sheet, Rates.MedianOf(bare), Rates.MedianOf(whole));
            sheet.Note("*Bare scripts* is the ceiling: the library's own scripts with ready-made bytes. *Yardstick* is three fixed scripts (RPUSH + HSET, LPOP + ZADD + HMGET, ZREM + HDEL) that never change. Both have the same batches, calls in flight, bytes and persistence.");
        }
    }

    /// <summary>What a sheet of this measurement says of its conditions.</summary>
    public static string Conditions(DrainPlan plan) => string.Create(
        CultureInfo.InvariantCulture,
        $"{plan.Messages:N0} messages of 100 characters, concurrency {plan.Concurrency:N0}, `EnqueueManyAsync` in {DrainPlan.EnqueueChunk:N0}s by {DrainPlan.EnqueueCalls} callers; median of {plan.Runs} runs in one go; every message handled once, the queue empty.");

    private static void Keep(List<Rates> kept, int run, string name, Rates measured)
    {
        if (run > 0)
        {
            kept.Add(measured);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"run {run}, {name}: enqueue {measured.Enqueued:N0}/s, drain {measured.Drained:N0}/s"));
        }
    }

    private static void AddRates(Sheet sheet, string column, Rates rates, bool isWhole)
    {
        sheet.Add(Table, "enqueued per second", column, rates.Enqueued);
        sheet.Add(Table, "drained per second (leased, handled, acked)", column, rates.Drained);
        if (rates.ServerMicroseconds > 0)
        {
            sheet.Add(Table, "Redis processor time per message, µs", column, rates.ServerMicroseconds, "N1");
        }

        if (rates.ClientMicroseconds > 0)
        {
            sheet.Add(Table, "own processor time per message drained, µs", column, rates.ClientMicroseconds, "N1");
        }

        if (isWhole)
        {
            sheet.Add(Table, "bytes allocated per message enqueued", column, rates.EnqueueBytes);
            sheet.Add(Table, "bytes allocated per message drained", column, rates.DrainBytes);
        }
    }

    private static void AddRatios(Sheet sheet, Rates bare, Rates whole)
    {
        const string Column = "end to end of bare";
        sheet.Add(Table, "enqueued per second", Column, whole.Enqueued / bare.Enqueued, "P0");
        sheet.Add(Table, "drained per second (leased, handled, acked)", Column, whole.Drained / bare.Drained, "P0");
    }
}
