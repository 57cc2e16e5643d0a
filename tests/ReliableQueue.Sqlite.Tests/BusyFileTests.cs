using ReliableQueue.Broker;
using ReliableQueue.BrokerContract;
using Xunit;

namespace ReliableQueue.Sqlite.Tests;

/// <summary>Another process writes for longer than it should.</summary>
public sealed class BusyFileTests : SqliteTest
{
    [Fact]
    public async Task Call_BusyForAWhile_IsDoneWhenTheOtherEnds()
    {
        await using var broker = File.Open();
        await Client(broker).EnqueueAsync(1);
        using var stranger = Stranger();
        Hold(stranger);
        var call = Client(broker).EnqueueAsync(1);
        Assert.False(call.IsCompleted);
        stranger.Execute("COMMIT");
        await call;
        Assert.Equal(2, (await broker.Admin.GetStatisticsAsync(Queue, Cancel)).Ready);
    }

    [Fact]
    public async Task Call_BusyPastCallTimeout_IsNotApplied()
    {
        await using var broker = File.Open();
        await Client(broker).EnqueueAsync(1);
        using var stranger = Stranger();
        Hold(stranger);
        var call = Client(broker).EnqueueAsync(1);
        File.Time.Advance(TimeSpan.FromSeconds(5));
        await AssertFaultAsync(BrokerFault.NotApplied, () => call);
        stranger.Execute("COMMIT");
        Assert.Equal(1, (await broker.Admin.GetStatisticsAsync(Queue, Cancel)).Ready);
    }

    [Fact]
    public async Task Renew_BusyPastCallTimeout_IsNotApplied()
    {
        await using var broker = File.Open();
        await Client(broker).EnqueueAsync(1);
        var leased = Assert.Single(await Client(broker).LeaseAsync());
        using var stranger = Stranger();
        Hold(stranger);
        var call = Task.Run(
            () =>
            {
                using var renewal = broker.OpenRenewalConnection();
                renewal.Renew(new RenewRequest(Queue, [leased.Lease], TimeSpan.FromMinutes(1)));
            },
            Cancel);
        await RunClockUntilAsync(call);
        await AssertFaultAsync(BrokerFault.NotApplied, () => call);
        stranger.Execute("COMMIT");
    }

    [Fact]
    public async Task Statistics_WhileAnotherWrites_AreReadAllTheSame()
    {
        await using var broker = File.Open();
        await Client(broker).EnqueueAsync(1);
        using var stranger = Stranger();
        Hold(stranger);
        Assert.Equal(1, (await broker.Admin.GetStatisticsAsync(Queue, Cancel)).Ready);
        stranger.Execute("COMMIT");
    }

    [Fact]
    public async Task The_fault_of_one_call_undoes_no_other_of_its_group()
    {
        await using var broker = File.Open(configure: options => options.MaxFileSize = 4 << 20);
        await Client(broker).EnqueueAsync(1);
        using var stranger = Stranger();
        Hold(stranger);
        var before = Client(broker).EnqueueAsync(1);
        var producer = Client(broker);
        var tooLarge = producer.SendAsync(producer.NextEnqueue(ContractClient.NewMessage(new byte[5 << 20])));
        var after = Client(broker).EnqueueAsync(1);
        stranger.Execute("COMMIT");
        await AssertFaultAsync(BrokerFault.Full, () => tooLarge);
        await Task.WhenAll(before, after);
        Assert.Equal(3, (await broker.Admin.GetStatisticsAsync(Queue, Cancel)).Ready);
    }

    [Fact]
    public async Task Call_Cancelled_StopsWaiting()
    {
        await using var broker = File.Open();
        await Client(broker).EnqueueAsync(1);
        using var stranger = Stranger();
        Hold(stranger);
        using var cancel = new CancellationTokenSource();
        var call = broker.EnqueueAsync(Client(broker).NextEnqueue(ContractClient.NewMessages(1)), cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        stranger.Execute("COMMIT");
    }

    [Fact]
    public async Task Call_BrokerClosed_IsNotApplied()
    {
        var broker = File.Open();
        await Client(broker).EnqueueAsync(1);
        await broker.DisposeAsync();
        await AssertFaultAsync(BrokerFault.NotApplied, () => Client(broker).EnqueueAsync(1));
    }
}
