using Microsoft.Data.Sqlite;
using ReliableQueue.FaultWorker;
using ReliableQueue.TestKit;

namespace ReliableQueue.FaultTests;

/// <summary>Processes that enqueue into one queue file as fast as it takes messages.</summary>
[Collection(nameof(AloneCollection))]
public sealed class QueueFileKillTests(ITestOutputHelper output)
{
    private const int Kills = 8;
    private const int Concurrency = 16;

    [Fact]
    public async Task Kills_in_the_middle_of_writes_to_a_queue_file_lose_nothing_that_was_acknowledged()
    {
        await using var rig = await FaultRig.StartAsync(FaultRig.Sqlite);
        string[] names = ["first", "second"];
        var workers = Array.ConvertAll(names, name => Start(rig, name));
        var random = new Random(20261122);
        for (var kill = 0; kill < Kills; kill++)
        {
            var victim = kill % workers.Length;
            await workers[victim].DoesAsync(EffectKind.End, times: random.Next(20, 200));
            await workers[victim].KillAsync();
            if (kill + workers.Length < Kills)
            {
                workers[victim] = Start(rig, names[victim]);
            }
        }

        // Nobody has the file open: what the killed left in the log is found by whoever opens it next.
        Assert.Equal("ok", Integrity(rig.PathOf("queue.db")));
        Array.ForEach(names, name => rig.Start(name, "queue:VisibilityTimeout=01:00:00", "queue:Retry:MaxDeliveries=1000"));
        var tally = await rig.FinishedAsync(new Permitted { HandledAgain = Kills * Concurrency });

        output.WriteLine($"{Kills} kills: {tally}");
        Assert.Equal(Acknowledged(rig).Count, tally.Acknowledged);
        Assert.True(tally.Acknowledged > 100, $"Only {tally.Acknowledged} messages: that is no load.");
    }

    [Fact]
    public async Task Enqueuing_goes_on_while_the_host_stops_and_what_was_acknowledged_is_what_is_there()
    {
        await using var rig = await FaultRig.StartAsync(FaultRig.Sqlite);
        var held = await rig.EnqueueAsync(WorkOrderAct.WhenTold);
        var worker = Start(rig, "worker", "queue:Concurrency=1");
        await worker.DoesAsync(EffectKind.Start, held);
        await worker.StopAsync();
        await worker.SaysAsync("Application is shutting down");

        var before = Acknowledged(rig).Count;
        await Eventually.TrueAsync(() => Acknowledged(rig).Count > before, "messages are enqueued while the worker drains");
        await worker.TellAsync(Permission.Return);
        Assert.Equal(0, await worker.EndAsync());

        var counts = await rig.CountAsync();
        Assert.Equal((Acknowledged(rig).Count, 0), (counts.Ready, counts.Leased));
    }

    private static WorkerProcess Start(FaultRig rig, string name, params string[] settings)
    {
        Directory.CreateDirectory(rig.PathOf(FaultRig.FloodFolder));
        return rig.Start(name, [$"Flood={Path.Combine(rig.PathOf(FaultRig.FloodFolder), name)}", $"queue:Concurrency={Concurrency}", "queue:VisibilityTimeout=01:00:00", "queue:Retry:MaxDeliveries=1000", .. settings]);
    }

    /// <summary>Whole lines only: half a line is an acknowledgement nobody noted.</summary>
    private static List<string> Acknowledged(FaultRig rig) => [.. rig.LinesOf(FaultRig.FloodFolder).Where(line => line.StartsWith(Flood.Acknowledged, StringComparison.Ordinal) && line.EndsWith('.'))];

    private static string Integrity(string path)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var check = new SqliteCommand("PRAGMA integrity_check", connection);
        return (string?)check.ExecuteScalar() ?? "";
    }
}
