using ReliableQueue.Broker;
using Xunit;

namespace ReliableQueue.BrokerContract;

/// <summary>Deleting messages, in whatever state they are.</summary>
public abstract class AdminDeletingContract : ContractTests
{
    public static TheoryData<MessageState> States => [.. Enum.GetValues<MessageState>()];

    [Theory]
    [MemberData(nameof(States))]
    public async Task Delete_MessageInAState_IsGoneAndTheOthersAreLeftAndNoLossIsReported(MessageState state)
    {
        var made = await MakeAsync(other => other == state ? 3 : 1);
        var deleted = made[state][..2];
        Assert.Equal([DeleteResult.Deleted, DeleteResult.Deleted], await DeleteAsync(deleted));
        Assert.Equal([DeleteResult.NotThere, DeleteResult.NotThere], await DeleteAsync(deleted));

        Assert.Null(await Broker.Admin.FindAsync(new FindRequest(Queue, deleted[0]), Cancel));
        await AssertCountsAsync(1, 1, 1, 1);
        await AdvanceAsync(10 * Visibility);
        var (seen, worker) = (new List<MessageId>(), NewClient());
        for (var i = 0; i < 3; i++)
        {
            var reply = await worker.SendAsync(worker.NextLease());
            Assert.False(reply.Answer.StateRegressed);
            seen.AddRange(reply.Messages.Select(message => message.Lease.Message));
        }

        MessageId Kept(MessageState other) => made[other][^1];
        Assert.Equal(new[] { Kept(MessageState.Ready), Kept(MessageState.Scheduled), Kept(MessageState.Leased) }.Order(), seen.Order());
        Assert.Equal(Kept(MessageState.DeadLettered), Assert.Single(await DeadLettersAsync()).Id);
    }

    [Fact]
    public async Task Delete_UnknownMessageOrQueue_IsNotThere()
    {
        Assert.Equal([DeleteResult.NotThere], await DeleteAsync(ContractClient.NewMessage(1).Id));
        await Producer.EnqueueAsync(1);
        Assert.Equal([DeleteResult.NotThere], await DeleteAsync(ContractClient.NewMessage(1).Id));
        await AssertCountsAsync(ready: 1);
    }

    [Theory]
    [MemberData(nameof(Settlements))]
    public async Task Settle_MessageThatWasDeletedWhileItWasHandled_HasNothingLeftToDo(string name)
    {
        var leased = await LeaseNewAsync();
        await DeleteAsync(leased.Lease.Message);
        Assert.Equal(RenewResult.Lost, Renew(leased.Lease));
        Assert.Equal(SettleResult.Already, await Worker.SettleAsync(leased, Named(name)));
        await AdvanceAsync(PastVisibility);
        var reply = await Worker.SendAsync(Worker.NextLease());
        Assert.Equal((0, 0, 0, false), (reply.Messages.Count, reply.Reclaimed, reply.DeadLettered, reply.Answer.StateRegressed));
        await AssertCountsAsync();
    }

    [Fact]
    public async Task Return_SessionWhoseMessageWasDeleted_ReturnsTheOthersAndReportsNoLoss()
    {
        await Producer.EnqueueAsync(3);
        var leased = await Worker.LeaseAsync(3);
        await DeleteAsync(leased[1].Lease.Message);
        var reply = await Worker.ReturnAsync();
        Assert.Equal((2, true, false), (reply.Returned, reply.IsComplete, reply.StateRegressed));
    }

    [Theory]
    [MemberData(nameof(States))]
    public async Task Purge_State_IsEmptiedByBoundedCallsAndNoOtherIsTouched(MessageState state)
    {
        await MakeAsync(_ => 5);
        Assert.Equal(new PurgeReply(2, IsComplete: false), await PurgeAsync(state, 2));
        Assert.Equal(new PurgeReply(2, IsComplete: false), await PurgeAsync(state, 2));
        Assert.Equal(new PurgeReply(1, IsComplete: true), await PurgeAsync(state, 2));
        Assert.Equal(new PurgeReply(0, IsComplete: true), await PurgeAsync(state, 2));
        long Left(MessageState other) => other == state ? 0 : 5;
        await AssertCountsAsync(Left(MessageState.Ready), Left(MessageState.Scheduled), Left(MessageState.Leased), Left(MessageState.DeadLettered));
        Assert.False((await Worker.SendAsync(Worker.NextLease())).Answer.StateRegressed);
    }

    [Fact]
    public async Task Purge_Suspects_GoWithWhatIsReady()
    {
        await Producer.EnqueueAsync(1);
        await LoseAsync(2);
        await Producer.EnqueueAsync(1);
        Assert.Equal(new PurgeReply(2, IsComplete: true), await PurgeAsync(MessageState.Ready, 10));
        await AssertCountsAsync();
    }

    [Fact]
    public async Task Purge_UnknownQueue_IsComplete() => Assert.Equal(new PurgeReply(0, IsComplete: true), await PurgeAsync(MessageState.Ready, 10));

    [Theory]
    [InlineData(0)]
    [InlineData(BrokerLimits.BatchSize + 1)]
    public async Task Delete_BatchOfNoSizeABrokerTakes_IsAFaultOfTheCaller(int count)
    {
        await Assert.ThrowsAnyAsync<ArgumentException>(() => DeleteAsync([.. Enumerable.Range(0, count).Select(_ => ContractClient.NewMessage(1).Id)]));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => PurgeAsync(MessageState.Ready, count));
    }

    private async Task<IReadOnlyList<DeleteResult>> DeleteAsync(params MessageId[] ids) =>
        (await Broker.Admin.DeleteAsync(new DeleteRequest(Queue, ids), Cancel)).Results;

    private Task<PurgeReply> PurgeAsync(MessageState state, int most) => Broker.Admin.PurgeAsync(new PurgeRequest(Queue, state, most), Cancel);
}
