using ReliableQueue.Broker;
using Xunit;

namespace ReliableQueue.BrokerContract;

/// <summary>How much one call takes, however much there is. A model whose queues are small may leave these out; a store may not.</summary>
public abstract class BoundsContract : ContractTests
{
    [Fact]
    public async Task Lease_MaxBytes_StopsWithTheMessageThatReachesIt()
    {
        await Producer.SendAsync(Producer.NextEnqueue([.. Enumerable.Range(0, 5).Select(_ => ContractClient.NewMessage(new byte[100]))]));
        Assert.Equal(3, (await Worker.LeaseAsync(bytes: 250)).Count);
        Assert.Equal(2, (await Worker.LeaseAsync(bytes: 200)).Count);
    }

    [Fact]
    public async Task Lease_MaxBytesBelowOneEnvelope_StillGivesOne()
    {
        await Producer.SendAsync(Producer.NextEnqueue(ContractClient.NewMessage(new byte[100]), ContractClient.NewMessage(new byte[100])));
        Assert.Single(await Worker.LeaseAsync(bytes: 1));
        await AssertCountsAsync(ready: 1, leased: 1);
    }

    [Fact]
    public async Task Reclaim_MoreThanOneBatch_TakesABatchACall()
    {
        await LeaseOneMoreThanABatchAsync();
        await AdvanceAsync(PastVisibility);
        Assert.Equal(BrokerLimits.BatchSize, (await Worker.SendAsync(Worker.NextLease(0))).Reclaimed);
        Assert.Equal(1, (await Worker.SendAsync(Worker.NextLease(0))).Reclaimed);
    }

    [Fact]
    public async Task Return_MoreThanOneBatch_TakesABatchACall()
    {
        await LeaseOneMoreThanABatchAsync();
        var first = await Worker.ReturnAsync();
        Assert.Equal((BrokerLimits.BatchSize, false), (first.Returned, first.IsComplete));
        var second = await Worker.ReturnAsync();
        Assert.Equal((1, true), (second.Returned, second.IsComplete));
    }

    private async Task LeaseOneMoreThanABatchAsync()
    {
        await Producer.EnqueueAsync(BrokerLimits.BatchSize);
        await Producer.EnqueueAsync(1);
        await Worker.LeaseAsync(BrokerLimits.BatchSize);
        await Worker.LeaseAsync(1);
    }
}
