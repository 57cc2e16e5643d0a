using ReliableQueue.Broker;
using Xunit;

namespace ReliableQueue.BrokerContract;

/// <summary>Looking at messages: it leases nothing and counts nothing.</summary>
public abstract class AdminBrowsingContract : ContractTests
{
    private const string Error = "no answer\nfrom „server“";

    public static TheoryData<MessageState> States => [.. Enum.GetValues<MessageState>()];

    [Theory]
    [MemberData(nameof(States))]
    public async Task Browse_UnknownQueue_IsEmpty(MessageState state)
    {
        var page = await PageAsync(state, null, 10);
        Assert.Empty(page.Messages);
        Assert.Null(page.NextCursor);
    }

    [Fact]
    public async Task Find_UnknownMessage_IsNull()
    {
        var messages = await Producer.EnqueueAsync(1);
        Assert.Null(await FindAsync(ContractClient.NewMessage(1).Id));
        await Worker.SettleAsync(Assert.Single(await Worker.LeaseAsync()), Ack);
        Assert.Null(await FindAsync(messages[0].Id));
    }

    [Theory]
    [MemberData(nameof(States))]
    public async Task Browse_ByPages_ShowsEachMessageOfTheStateOnceAndNoOther(MessageState state)
    {
        var expected = (await MakeAsync(_ => 7))[state].ToHashSet();

        var seen = await ReadAllAsync(state, 3);

        Assert.Equal(7, seen.Count);
        Assert.Equal(expected, seen.Select(message => message.Id).ToHashSet());
        Assert.All(seen, message => Assert.Equal(state, message.State));
        Assert.All(await ReadAllAsync(state, BrokerLimits.BatchSize), message => Assert.Contains(message.Id, expected));
        await AssertCountsAsync(7, 7, 7, 7);
    }

    [Fact]
    public async Task Browse_Ready_IsInTheOrderOfTheirTurn()
    {
        var messages = await Producer.EnqueueAsync(6);
        Assert.Equal(messages.Select(message => message.Id), (await ReadAllAsync(MessageState.Ready, 4)).Select(message => message.Id));
    }

    [Fact]
    public async Task Browse_Scheduled_IsInTheOrderInWhichTheyAreDueAndSaysWhen()
    {
        await Producer.EnqueueAsync(3);
        var leased = await Worker.LeaseAsync(3);
        await Worker.SettleAsync(leased[0], new Settlement.Retry(3 * Visibility, Error));
        await Worker.SettleAsync(leased[1], new Settlement.Release(Visibility));
        await Worker.SettleAsync(leased[2], new Settlement.Retry(2 * Visibility, null));

        var scheduled = await ReadAllAsync(MessageState.Scheduled, 2);

        Assert.Equal([leased[1], leased[2], leased[0]], scheduled.Select(message => leased.Single(each => each.Lease.Message == message.Id)));
        Assert.Equal([(0, null), (1, null), (1, Error)], scheduled.Select(message => (message.DeliveryCount, message.Error)));
        AssertApart(Visibility, scheduled[0].DueAt, scheduled[1].DueAt);
        AssertApart(Visibility, scheduled[1].DueAt, scheduled[2].DueAt);
        Assert.All(scheduled, message => Assert.Equal((null, null, null, null), (message.LeasedBy, message.LeaseEndsAt, message.DeadLetterReason, message.DeadLetteredAt)));
    }

    [Fact]
    public async Task Browse_Leased_IsInTheOrderInWhichLeasesEndAndSaysWhoHoldsThem()
    {
        await Producer.EnqueueAsync(2);
        var (late, soon) = (NewClient(), NewClient());
        await late.LeaseAsync(1, visibility: 3 * Visibility);
        await soon.LeaseAsync(1, visibility: Visibility);

        var leased = await ReadAllAsync(MessageState.Leased, 1);

        Assert.Equal([soon.Session, late.Session], leased.Select(message => message.LeasedBy));
        AssertApart(2 * Visibility, leased[0].LeaseEndsAt, leased[1].LeaseEndsAt);
        Assert.All(leased, message => Assert.Equal((1, null, null), (message.DeliveryCount, message.DueAt, message.DeadLetterReason)));
    }

    [Fact]
    public async Task Browse_DeadLetter_SaysWhyAndWhen()
    {
        await Producer.EnqueueAsync(2);
        foreach (var (message, index) in (await Worker.LeaseAsync(2)).Select((message, index) => (message, index)))
        {
            await Worker.SettleAsync(message, new Settlement.DeadLetter(DeadLetterReason.Rejected, index == 0 ? Error : null));
            await AdvanceAsync(Visibility / 2);
        }

        var dead = await ReadAllAsync(MessageState.DeadLettered, 1);

        Assert.Equal([(DeadLetterReason.Rejected, Error), (DeadLetterReason.Rejected, null)], dead.Select(message => (message.DeadLetterReason ?? default, message.Error)));
        AssertApart(Visibility / 2, dead[0].DeadLetteredAt, dead[1].DeadLetteredAt);
        Assert.All(dead, message => Assert.Equal((1, null, null, null), (message.DeliveryCount, message.DueAt, message.LeasedBy, message.LeaseEndsAt)));
    }

    [Fact]
    public async Task Browse_MessagesThatEndBetweenPages_HideNoneThatStays()
    {
        var messages = await Producer.EnqueueAsync(8);
        var leased = await Worker.LeaseAsync(8);
        foreach (var message in leased)
        {
            await Worker.SettleAsync(message, Reject);
        }

        var first = await PageAsync(MessageState.DeadLettered, null, 3);
        var others = messages.Select(message => message.Id).Except(first.Messages.Select(message => message.Id)).ToList();
        await Broker.Admin.DeleteAsync(new DeleteRequest(Queue, [first.Messages[0].Id, first.Messages[2].Id, others[0]]), Cancel);
        var rest = await ReadAllAsync(MessageState.DeadLettered, 3, first.NextCursor);

        Assert.Equal(others.Skip(1).Order(), rest.Select(message => message.Id).Order());
    }

    [Fact]
    public async Task Find_MessageInEveryState_IsWhatBrowsingShows()
    {
        await MakeAsync(_ => 1);
        foreach (var state in Enum.GetValues<MessageState>())
        {
            var shown = Assert.Single(await ReadAllAsync(state, 10));
            var found = await FindAsync(shown.Id);
            Assert.NotNull(found);
            Assert.Equal(shown.Envelope.ToArray(), found.Envelope.ToArray());

            // A store on a real clock tells the same time a moment later, from its own time of day.
            AssertApart(TimeSpan.Zero, shown.LeaseEndsAt, found.LeaseEndsAt);
            Assert.Equal(shown with { Envelope = default, LeaseEndsAt = null }, found with { Envelope = default, LeaseEndsAt = null });
        }
    }

    [Fact]
    public async Task Find_MessageThatIsTriedAgain_KeepsTheErrorOfItsLastFailure()
    {
        await Worker.SettleAsync(await LeaseNewAsync(), new Settlement.Retry(TimeSpan.Zero, Error));
        var again = Assert.Single(await Worker.LeaseAsync());
        Assert.Equal((Error, MessageState.Leased), (await FindAsync(again.Lease.Message)) is { } found ? (found.Error, found.State) : default);
        await Worker.SettleAsync(again, ReleaseNow);
        Assert.Equal(Error, (await FindAsync(again.Lease.Message))?.Error);
        await Worker.SettleAsync(Assert.Single(await Worker.LeaseAsync()), new Settlement.Retry(Visibility, null));
        Assert.Null((await FindAsync(again.Lease.Message))?.Error);
    }

    [Fact]
    public async Task Find_LongErrorOfARetry_IsKeptWhole()
    {
        var leased = await LeaseNewAsync();
        var error = new string('x', BrokerLimits.RetryErrorLength);
        await Worker.SettleAsync(leased, new Settlement.Retry(Visibility, error));
        Assert.Equal(error, (await FindAsync(leased.Lease.Message))?.Error);
    }

    [Fact]
    public async Task Find_Suspect_IsReadyWithItsLosses()
    {
        var messages = await Producer.EnqueueAsync(1);
        await LoseAsync(2);
        var found = await FindAsync(messages[0].Id);
        Assert.Equal((MessageState.Ready, 2, 2), (found?.State, found?.WorkerLosses, found?.DeliveryCount));
        Assert.Single(await ReadAllAsync(MessageState.Ready, 10));
    }

    [Fact]
    public async Task Browse_SuspectBesideFreshMessages_IsShownFirstAsItIsLeasedFirst()
    {
        var suspect = Assert.Single(await Producer.EnqueueAsync(1)).Id;
        await LoseAsync(2);
        await Producer.EnqueueAsync(2);
        Assert.Equal(suspect, (await ReadAllAsync(MessageState.Ready, 1))[0].Id);
        Assert.Equal(suspect, (await Worker.LeaseAsync())[0].Lease.Message);
    }

    [Fact]
    public async Task Browse_CursorOfAnotherState_IsAFaultOfTheCaller()
    {
        await Producer.EnqueueAsync(2);
        var page = await PageAsync(MessageState.Ready, null, 1);
        Assert.NotNull(page.NextCursor);
        await Assert.ThrowsAnyAsync<ArgumentException>(() => PageAsync(MessageState.Leased, page.NextCursor, 1));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => PageAsync(MessageState.Ready, "no cursor", 1));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(BrokerLimits.BatchSize + 1)]
    public Task Browse_PageOfNoSizeABrokerTakes_IsAFaultOfTheCaller(int take) =>
        Assert.ThrowsAnyAsync<ArgumentException>(() => PageAsync(MessageState.Ready, null, take));

    private Task<BrowseReply> PageAsync(MessageState state, string? cursor, int take) => Broker.Admin.BrowseAsync(new BrowseRequest(Queue, state, cursor, take), Cancel);

    private Task<StoredMessage?> FindAsync(MessageId id) => Broker.Admin.FindAsync(new FindRequest(Queue, id), Cancel);

    private async Task<List<StoredMessage>> ReadAllAsync(MessageState state, int take, string? cursor = null)
    {
        var messages = new List<StoredMessage>();
        do
        {
            var page = await PageAsync(state, cursor, take);
            Assert.InRange(page.Messages.Count, 0, take);
            messages.AddRange(page.Messages);
            cursor = page.NextCursor;
        }
        while (cursor is not null);
        return messages;
    }
}
