using System.Diagnostics;
using ReliableQueue.Broker;
using Xunit;

namespace ReliableQueue.Redis.Tests;

/// <summary>The connection is reset after the first byte of a call, after the second, and so on to the last: repeated until it is answered, the call is done once.</summary>
public sealed class CutAtEveryByteTests(SharedRedis redis, ITestOutputHelper output)
{
    // Each waits for its connection to come back: together they wait at once.
    private const int Lanes = 16;

    private static readonly TimeSpan patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(CutSide.Request)]
    [InlineData(CutSide.Reply)]
    public Task An_enqueue_reset_at_every_byte_stores_its_message_once(CutSide side) => AtEveryByteAsync(side, _ => Task.FromResult(0), async (lane, _) =>
    {
        var request = lane.Cut.NextEnqueue(TestQueue.Message());
        var wasCut = await RepeatAsync(() => lane.Cut.Broker.EnqueueAsync(request, CancellationToken.None));
        var leased = Assert.Single((await lane.Whole.LeaseAsync()).Messages);
        Assert.Equal((request.Messages[0].Id, 1), (leased.Lease.Message, leased.DeliveryCount));
        await lane.Whole.AckAsync([leased]);
        return wasCut;
    });

    [Theory]
    [InlineData(CutSide.Request)]
    [InlineData(CutSide.Reply)]
    public Task A_lease_reset_at_every_byte_leases_its_message_once(CutSide side) => AtEveryByteAsync(side, lane => lane.Whole.EnqueueAsync(2), async (lane, _) =>
    {
        var request = lane.Cut.NextLease(1);
        LeaseReply? reply = null;
        var wasCut = await RepeatAsync(async () => reply = await lane.Cut.Broker.LeaseAsync(request, CancellationToken.None));
        Assert.Equal(1, Assert.Single(reply?.Messages ?? []).DeliveryCount);
        var counts = await lane.Whole.CountAsync();
        Assert.Equal((1, 1), (counts.Ready, counts.Leased));
        await lane.Whole.AckAsync([.. reply?.Messages ?? [], .. (await lane.Whole.LeaseAsync()).Messages]);
        return wasCut;
    });

    [Theory]
    [InlineData(CutSide.Request)]
    [InlineData(CutSide.Reply)]
    public Task An_ack_reset_at_every_byte_ends_its_delivery(CutSide side) => AtEveryByteAsync(side, LeasedAsync, async (lane, leased) =>
    {
        var (wasCut, result) = await SettleAsync(lane, leased, Settlement.Ack.Plain);
        Assert.True(result is SettleResult.Settled or SettleResult.Already, $"{result}");
        return wasCut;
    });

    [Theory]
    [InlineData(CutSide.Request)]
    [InlineData(CutSide.Reply)]
    public Task A_retry_reset_at_every_byte_makes_its_message_ready_once(CutSide side) => AtEveryByteAsync(side, LeasedAsync, async (lane, leased) =>
    {
        var (wasCut, result) = await SettleAsync(lane, leased, new Settlement.Retry(TimeSpan.Zero, null));
        Assert.True(result is SettleResult.Settled or SettleResult.Already, $"{result}");
        var again = Assert.Single((await lane.Whole.LeaseAsync()).Messages);
        Assert.Equal((leased.Lease.Message, 2), (again.Lease.Message, again.DeliveryCount));
        await lane.Whole.AckAsync([again]);
        return wasCut;
    });

    [Theory]
    [InlineData(CutSide.Request)]
    [InlineData(CutSide.Reply)]
    public Task A_renewal_reset_at_every_byte_keeps_its_lease(CutSide side) => AtEveryByteAsync(side, LeasedAsync, async (lane, leased) =>
    {
        var results = Array.Empty<RenewResult>();
        var wasCut = await RepeatAsync(async () => results = [.. await RenewAsync(lane, leased)]);
        Assert.Equal([RenewResult.Renewed], results);
        Assert.Equal([SettleResult.Settled], await lane.Whole.AckAsync([leased]));
        return wasCut;
    });

    private static async Task<LeasedMessage> LeasedAsync(CutLane lane)
    {
        await lane.Whole.EnqueueAsync();
        var leased = (await lane.Whole.LeaseAsync()).Messages[0];

        // So that there is a connection to reset.
        await RepeatAsync(() => RenewAsync(lane, leased));
        return leased;
    }

    /// <summary>On a thread of its own, because it blocks: the proxy needs the pool.</summary>
    private static Task<IReadOnlyList<RenewResult>> RenewAsync(CutLane lane, LeasedMessage leased) => Task.Factory.StartNew(
        () => lane.Renewal.Renew(new RenewRequest(lane.Whole.Name, [leased.Lease], TimeSpan.FromMinutes(1))).Results, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static async Task<(bool WasCut, SettleResult Result)> SettleAsync(CutLane lane, LeasedMessage leased, Settlement settlement)
    {
        var result = default(SettleResult);
        var wasCut = await RepeatAsync(async () => result = (await lane.Cut.Broker.SettleAsync(new SettleRequest(lane.Cut.Name, [new LeaseSettlement(leased.Lease, settlement)]), CancellationToken.None)).Results[0]);
        return (wasCut, result);
    }

    /// <param name="side">Which direction is cut.</param>
    /// <param name="prepare">What the call needs, over a connection that works.</param>
    /// <param name="callAndCheck">Makes the call until it is answered, checks what became of it, and says whether it failed at first.</param>
    private async Task AtEveryByteAsync<T>(CutSide side, Func<CutLane, Task<T>> prepare, Func<CutLane, T, Task<bool>> callAndCheck)
    {
        var clock = Stopwatch.StartNew();
        var cuts = 0;
        await Task.WhenAll(Enumerable.Range(1, Lanes).Select(async first =>
        {
            await using var lane = new CutLane(redis.Server);
            for (var (bytes, wasCut) = (first, true); wasCut; bytes += Lanes)
            {
                var prepared = await prepare(lane);
                await RepeatAsync(() => lane.Cut.CountAsync());
                lane.CutAfter(bytes, side);
                wasCut = await callAndCheck(lane, prepared);
                Interlocked.Add(ref cuts, wasCut ? 1 : 0);
                var left = await lane.Whole.CountAsync();
                Assert.Equal((0, 0, 0, 0), (left.Ready, left.Scheduled, left.Leased, left.DeadLettered));
            }
        }));

        output.WriteLine($"{cuts} bytes of {side}, {clock.Elapsed.TotalSeconds:F1} s.");
        Assert.True(cuts >= 10, $"Only {cuts} calls failed: nothing was cut.");
    }

    /// <summary>Repeats a call until it is answered; true when it failed at first.</summary>
    private static async Task<bool> RepeatAsync<T>(Func<Task<T>> call)
    {
        var clock = Stopwatch.StartNew();
        for (var failed = false; ; failed = true)
        {
            try
            {
                await call();
                return failed;
            }
            catch (BrokerException) when (clock.Elapsed < patience)
            {
                // The connection is coming back.
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
            }
        }
    }
}
