using System.Net.Sockets;
using ReliableQueue.Soak;
using ReliableQueue.TestKit;

namespace ReliableQueue.FaultTests;

/// <summary>A Redis that cannot answer for a while: it loads its data, runs a script that does not end, stands still, or takes no more clients.</summary>
public sealed class ServerBusyTests(ITestOutputHelper output)
{
    private const int Concurrency = 8;

    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(9);

    [Fact]
    public async Task A_Redis_that_loads_its_data_is_waited_for()
    {
        // Half a millisecond for every command in the file.
        await using var rig = await FaultRig.StartAsync(
            FaultRig.RedisName, "--appendonly", "yes", "--key-load-delay", "500", "--loading-process-events-interval-bytes", "1024");
        var running = await rig.EnqueueAsync(WorkOrderAct.WhenTold);
        var worker = rig.Start("worker");
        await worker.DoesAsync(EffectKind.Start, running);
        for (var number = 0; number < 20; number++)
        {
            await rig.Redis.CommandAsync("EVAL", "for i = 1, 1000 do redis.call('SET', KEYS[1], i) end", "1", "counter");
        }

        await rig.Redis.KillWithNothingHeldBackAsync("everysec");
        await worker.SaysAsync($"queue {WorkOrder.Queue} failed");
        var loaded = rig.Redis.StartAgainAsync();
        await Eventually.TrueAsync(() => IsLoadingAsync(rig.Redis), "Redis loads its data");
        var hasty = rig.NewClient(rig.Address, enqueueTimeout: TimeSpan.FromMilliseconds(200));
        var refused = await FaultRig.RefusedAsync(hasty);
        output.WriteLine(refused.InnerException?.Message ?? "");
        Assert.StartsWith("+OK", await rig.Redis.CommandAsync("CONFIG", "SET", "key-load-delay", "0"), StringComparison.Ordinal);
        await loaded;

        await worker.TellAsync(Permission.Return);
        await worker.DoesAsync(EffectKind.End, await rig.EnqueueAsync(WorkOrderAct.Return));
        await rig.FinishedAsync();
        Assert.Single(rig.Effects(EffectKind.Start, running));
        Assert.Equal(2, rig.Effects().Count(effect => effect.Kind == EffectKind.Start));
    }

    [Fact]
    public async Task A_script_that_does_not_end_is_waited_out_and_repeats_nothing()
    {
        await using var rig = await FaultRig.StartAsync(FaultRig.RedisName, "--lua-time-limit", "100");
        var worker = rig.Start("worker");
        await worker.ReadyAsync();
        await using var load = new Load(rig, perSecond: 200, milliseconds: 20);
        await worker.DoesAsync(EffectKind.End, times: 50);

        var endless = rig.Redis.CommandAsync("EVAL", "while true do end", "0");
        await worker.SaysAsync("BUSY");
        Assert.StartsWith("+OK", await rig.Redis.CommandAsync("SCRIPT", "KILL"), StringComparison.Ordinal);
        await endless;

        await worker.DoesMoreAsync(EffectKind.End, times: 100);
        var tally = await EndAsync(rig, load, Permitted.Nothing);
        Assert.Equal(0, tally.Redelivered);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(6)]
    public async Task A_Redis_that_stands_still_is_waited_out_and_repeats_nothing_while_shorter_than_half_the_lease(int seconds)
    {
        await using var rig = await FaultRig.StartAsync(FaultRig.RedisName);
        string[] settings = [$"queue:VisibilityTimeout={Lease}", $"queue:Concurrency={Concurrency}"];
        WorkerProcess[] workers = [rig.Start("first", settings), rig.Start("second", settings)];
        foreach (var worker in workers)
        {
            await worker.ReadyAsync();
        }

        // Renewed every third of the lease, so also while nothing answers.
        await rig.EnqueueAsync(WorkOrderAct.Return, milliseconds: 10_000);
        await using var load = new Load(rig, perSecond: 200, milliseconds: 20);
        await Task.WhenAll(workers.Select(worker => worker.DoesAsync(EffectKind.End, times: 20)));

        await rig.Redis.PauseAsync();
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        await rig.Redis.ResumeAsync();

        await Task.WhenAll(workers.Select(worker => worker.DoesMoreAsync(EffectKind.End, times: 50)));
        var isOver = seconds > Lease.TotalSeconds / 2;
        var tally = await EndAsync(rig, load, isOver ? new Permitted { HandledAgain = workers.Length * Concurrency } : Permitted.Nothing);
        Assert.True(isOver || tally.Redelivered == 0, tally.ToString());
    }

    [Fact]
    public async Task A_Redis_that_takes_no_more_clients_is_waited_for()
    {
        await using var rig = await FaultRig.StartAsync(FaultRig.RedisName, "--maxclients", "10");
        List<TcpClient> crowd = [];
        try
        {
            await FillAsync(rig.Redis, crowd);
            var worker = rig.Start("worker");
            await worker.ReadyAsync();
            // The first connection may still be under way when the time is over; then nobody can say.
            var hasty = rig.NewClient(rig.Address, enqueueTimeout: TimeSpan.FromSeconds(1));
            var refused = await Record.ExceptionAsync(() => hasty.EnqueueAsync(WorkOrder.Queue, new WorkOrder(WorkOrderAct.Return)));
            Assert.True(refused is BrokerUnavailableException or EnqueueOutcomeUnknownException, refused?.ToString());
            var health = await worker.AskAsync("health", "health ");
            output.WriteLine(health);
            Assert.StartsWith("health Unhealthy", health, StringComparison.Ordinal);
            Assert.Contains("max number of clients", health, StringComparison.Ordinal);

            crowd.ForEach(client => client.Dispose());
            await worker.DoesAsync(EffectKind.End, await rig.EnqueueAsync(WorkOrderAct.Return));
            await rig.FinishedAsync();
        }
        finally
        {
            crowd.ForEach(client => client.Dispose());
        }
    }

    private static async Task<bool> IsLoadingAsync(RedisServer redis)
    {
        try
        {
            return (await redis.CommandAsync("PING")).StartsWith("-LOADING", StringComparison.Ordinal);
        }
        catch (Exception fault) when (fault is SocketException or IOException)
        {
            return false;
        }
    }

    /// <summary>Connects until no more clients fit. One refusal is not enough: it may be for a client that has just gone and is still counted.</summary>
    private static async Task FillAsync(RedisServer redis, List<TcpClient> crowd)
    {
        for (var refusals = 0; refusals < 3;)
        {
            if ((await redis.CommandAsync("PING")).StartsWith("-ERR max number of clients", StringComparison.Ordinal))
            {
                refusals++;
                continue;
            }

            refusals = 0;
            var client = new TcpClient();
            crowd.Add(client);
            Assert.True(crowd.Count < 100, "Redis takes whoever comes.");
            await client.ConnectAsync(redis.Host, redis.Port);
        }
    }

    private async Task<Tally> EndAsync(FaultRig rig, Load load, Permitted permitted)
    {
        await load.StopAsync();
        var tally = await rig.FinishedAsync(permitted);
        output.WriteLine(tally.ToString());
        return tally;
    }
}
