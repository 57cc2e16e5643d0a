using System.Globalization;
using ReliableQueue.Broker;
using ReliableQueue.FaultWorker;

namespace ReliableQueue.FaultTests;

[Collection(nameof(AloneCollection))]
public sealed class ManyLeasesTests(ITestOutputHelper output)
{
    private const int Count = 100_000;

    [Fact]
    public async Task A_hundred_thousand_leases_that_end_at_once_are_reclaimed_in_steps_that_hold_up_nobody()
    {
        await using var rig = await FaultRig.StartAsync(FaultRig.RedisName);
        await rig.EnqueueAsync(Count, WorkOrderAct.Return);
        var holder = new SessionId(1);
        for (var call = 1; call <= Count / BrokerLimits.BatchSize; call++)
        {
            Assert.Equal(BrokerLimits.BatchSize, (await LeaseAsync(rig, holder, call, BrokerLimits.BatchSize)).Messages.Count);
        }

        await rig.Redis.CommandAsync(
            "EVAL", "for _, lease in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do redis.call('ZADD', KEYS[1], 1, lease) end", "1", $"{{rq:{WorkOrder.Queue}}}:leases");
        await rig.Redis.CommandAsync("CONFIG", "SET", "slowlog-log-slower-than", "50000");
        await rig.Redis.CommandAsync("SLOWLOG", "RESET");
        await rig.Redis.CommandAsync("CONFIG", "RESETSTAT");

        var finder = new SessionId(2);
        var (reclaimed, calls) = (0, 0);
        while (reclaimed < Count)
        {
            var reply = await LeaseAsync(rig, finder, ++calls, most: 0);
            Assert.InRange(reply.Reclaimed, 1, BrokerLimits.BatchSize);
            reclaimed += reply.Reclaimed;
        }

        output.WriteLine((await rig.Redis.CommandAsync("INFO", "commandstats")).Split('\n').First(line => line.StartsWith("cmdstat_evalsha", StringComparison.Ordinal)));
        var slow = int.Parse((await rig.Redis.CommandAsync("SLOWLOG", "LEN")).Trim(':', '\r', '\n'), CultureInfo.InvariantCulture);

        // The machine may pause a process for longer than that, but not again and again.
        Assert.InRange(slow, 0, calls / 20);
        var counts = await rig.CountAsync();
        Assert.Equal((Count, 0), (counts.Ready, counts.Leased));
    }

    private static Task<LeaseReply> LeaseAsync(FaultRig rig, SessionId session, int call, int most) => rig.Broker.LeaseAsync(
        new LeaseRequest(rig.Queue, new CallStamp(session, 0, call), most, TimeSpan.FromHours(1), 5) { MaxSuspects = 0 }, CancellationToken.None);
}
