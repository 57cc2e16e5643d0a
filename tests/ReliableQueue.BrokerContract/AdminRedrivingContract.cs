using ReliableQueue.Broker;
using ReliableQueue.TestKit;
using Xunit;

namespace ReliableQueue.BrokerContract;

/// <summary>Putting dead letters back to ready.</summary>
public abstract class AdminRedrivingContract : ContractTests
{
    [Fact]
    public void Info_DeclaresTheAbility() => Assert.Null(Broker.Info.LackOf(BrokerAbilities.Redrive));

    [Fact]
    public async Task Redrive_DeadLetter_IsDeliveredAgainAsIfForTheFirstTimeInItsNextGeneration()
    {
        var (id, envelope) = await DieAsync();
        for (var generation = 1; generation <= 3; generation++)
        {
            Assert.Equal([RedriveResult.Redriven], await RedriveAsync(id));
            await AssertCountsAsync(ready: 1);
            Assert.Equal((generation, 0, null), await Broker.Admin.FindAsync(new FindRequest(Queue, id), Cancel) is { } found ? (found.Generation, found.DeliveryCount, found.Error) : default);

            var leased = Assert.Single(await Worker.LeaseAsync());
            Assert.Equal((id, 1, 0, generation), (leased.Lease.Message, leased.DeliveryCount, leased.WorkerLosses, leased.Generation));
            Assert.Equal(envelope, leased.Envelope.ToArray());
            Assert.Equal(SettleResult.Settled, await Worker.SettleAsync(leased, Reject));
            Assert.Equal(generation, Assert.Single(await DeadLettersAsync()).Generation);
        }
    }

    [Fact]
    public async Task Lease_MessageThatWasNeverRedriven_IsOfGenerationZero() => Assert.Equal(0, (await LeaseNewAsync()).Generation);

    [Fact]
    public async Task Redrive_Twice_FindsNoDeadLetterTheSecondTime()
    {
        var (id, _) = await DieAsync();
        Assert.Equal([RedriveResult.Redriven], await RedriveAsync(id));
        Assert.Equal([RedriveResult.NotThere], await RedriveAsync(id));
        Assert.Equal(1, Assert.Single(await Worker.LeaseAsync()).Generation);
    }

    [Fact]
    public async Task Redrive_MessageThatIsNoDeadLetter_ChangesNothing()
    {
        var messages = await Producer.EnqueueAsync(3);
        var leased = await Worker.LeaseAsync(2);
        await Worker.SettleAsync(leased[1], new Settlement.Retry(Visibility, null));
        Assert.Equal(Enumerable.Repeat(RedriveResult.NotThere, 4), await RedriveAsync([.. messages.Select(message => message.Id), ContractClient.NewMessage(1).Id]));
        await AssertCountsAsync(ready: 1, scheduled: 1, leased: 1);
        Assert.Equal(SettleResult.Settled, await Worker.SettleAsync(leased[0], Ack));
    }

    [Fact]
    public async Task Redrive_UnknownQueue_FindsNothing() => Assert.Equal([RedriveResult.NotThere], await RedriveAsync(ContractClient.NewMessage(1).Id));

    [Theory]
    [MemberData(nameof(Settlements))]
    public async Task Settle_ByTheDeliveryBeforeTheRedrive_ChangesNothing(string name)
    {
        await Producer.EnqueueAsync(1);
        var leased = Assert.Single(await Worker.LeaseAsync());
        await Worker.SettleAsync(leased, Reject);
        await RedriveAsync(leased.Lease.Message);
        Assert.Equal(SettleResult.Stale, await Worker.SettleAsync(leased, Named(name)));
        Assert.Equal(RenewResult.Lost, Renew(leased.Lease));
        Assert.Equal(1, Assert.Single(await Worker.LeaseAsync()).DeliveryCount);
    }

    [Fact]
    public async Task Redrive_SuspectThatDiedAtTheLimit_IsNoSuspectAnyMore()
    {
        var messages = await Producer.EnqueueAsync(1);
        await LoseAsync(3, maxDeliveries: 3);
        await AssertCountsAsync(dead: 1);
        await RedriveAsync(messages[0].Id);
        Assert.Single(await Worker.LeaseAsync(suspects: 0));
    }

    [Fact]
    public async Task Redrive_AWholeBatch_IsDoneWhole()
    {
        var messages = await Producer.EnqueueAsync(BrokerLimits.BatchSize);
        var leased = await Worker.LeaseAsync(BrokerLimits.BatchSize);
        await Broker.SettleAsync(new SettleRequest(Queue, [.. leased.Select(message => new LeaseSettlement(message.Lease, Reject))]), Cancel);
        var results = await RedriveAsync([.. messages.Select(message => message.Id)]);
        Assert.Equal(Enumerable.Repeat(RedriveResult.Redriven, messages.Length), results);
        await AssertCountsAsync(ready: messages.Length);
    }

    [Fact]
    public async Task Redrive_BesideFreshMessages_GoesBeforeThem()
    {
        var (id, _) = await DieAsync();
        await Producer.EnqueueAsync(3);
        await RedriveAsync(id);
        Assert.Equal(id, (await Worker.LeaseAsync())[0].Lease.Message);
    }

    [Fact]
    public async Task Redrive_Heard_IsAHintThatTheQueueMayHaveFilled()
    {
        var heard = 0;
        var (id, _) = await DieAsync();
        using var listening = Broker.Listen(Queue, hint => _ = hint == QueueHint.Ready && Interlocked.Increment(ref heard) > 0);

        // A hint may be missed: by who has only begun to listen, for example.
        await Eventually.TrueAsync(
            async () =>
            {
                await RedriveAsync(id);
                await Worker.SettleAsync(Assert.Single(await Worker.LeaseAsync()), Reject);
                return Volatile.Read(ref heard) > 0;
            },
            "a redrive is heard");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(BrokerLimits.BatchSize + 1)]
    public Task Redrive_BatchOfNoSizeABrokerTakes_IsAFaultOfTheCaller(int count) =>
        Assert.ThrowsAnyAsync<ArgumentException>(() => RedriveAsync([.. Enumerable.Range(0, count).Select(_ => ContractClient.NewMessage(1).Id)]));

    private async Task<IReadOnlyList<RedriveResult>> RedriveAsync(params MessageId[] ids) =>
        (await Broker.Admin.RedriveAsync(new RedriveRequest(Queue, ids), Cancel)).Results;

    private async Task<(MessageId Id, byte[] Envelope)> DieAsync()
    {
        var message = Assert.Single(await Producer.EnqueueAsync(1));
        await Worker.SettleAsync(Assert.Single(await Worker.LeaseAsync()), RetryNow);
        await Worker.SettleAsync(Assert.Single(await Worker.LeaseAsync()), Reject);
        return (message.Id, message.Envelope.ToArray());
    }
}
