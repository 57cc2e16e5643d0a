using System.Text.Json;
using ReliableQueue.Broker;
using ReliableQueue.Operating;
using ReliableQueue.Tests.Enqueuing;

namespace ReliableQueue.Tests.Operating;

/// <summary>What an operator is shown.</summary>
public sealed class BrowsingTests : IDisposable
{
    private readonly OperatorRig rig = new();

    [Fact]
    public async Task Browse_DeadLetter_IsDecodedAndSaysWhy()
    {
        var enqueuedAt = rig.Time.GetUtcNow();
        var id = await rig.EnqueueAsync("hello", ("tenant", "acme"));
        rig.Time.Advance(TimeSpan.FromMinutes(1));
        await rig.DeadLetterAllAsync("no such address");

        var dead = Assert.Single(await rig.BrowseAsync(MessageState.DeadLettered));

        Assert.Equal((id, MessageState.DeadLettered, "note", enqueuedAt), (dead.Id, dead.State, dead.MessageType, dead.EnqueuedAt));
        Assert.Equal("acme", dead.Headers["tenant"]);
        Assert.Equal((1, 0, 0), (dead.DeliveryCount, dead.WorkerLosses, dead.Generation));
        Assert.Equal((DeadLetterReason.Rejected, "no such address", rig.Time.GetUtcNow()), (dead.Reason, dead.Error, dead.DeadLetteredAt));
        Assert.Equal(new Note("hello"), dead.ReadBody<Note>());
        Assert.Equal("hello", dead.ReadBody<JsonElement>().GetProperty("Text").GetString());
        Assert.Null(dead.UnreadableBecause);
    }

    [Fact]
    public async Task Browse_LeasedMessage_NamesItsHolderAndTheEndOfItsLease()
    {
        await rig.EnqueueAsync("hello");
        await rig.LeaseAsync();

        var leased = Assert.Single(await rig.BrowseAsync(MessageState.Leased));

        Assert.Equal((rig.Session.ToString(), rig.Time.GetUtcNow() + TimeSpan.FromSeconds(30)), (leased.Holder, leased.LeaseEndsAt));
        Assert.Null(leased.DueAt);
    }

    [Fact]
    public async Task Browse_ScheduledMessage_SaysWhenItIsDueAndWhatItFailedOf()
    {
        await rig.EnqueueAsync("hello");
        var leased = Assert.Single(await rig.LeaseAsync());
        await rig.SettleAsync(leased, new Settlement.Retry(TimeSpan.FromHours(1), "timed out"));

        var scheduled = Assert.Single(await rig.BrowseAsync(MessageState.Scheduled));

        Assert.Equal((rig.Time.GetUtcNow() + TimeSpan.FromHours(1), "timed out", 1), (scheduled.DueAt, scheduled.Error, scheduled.DeliveryCount));
        Assert.Null(scheduled.Holder);
    }

    [Fact]
    public async Task Browse_MoreMessagesThanAPage_ReadsEachOnceInOrder()
    {
        var ids = await rig.EnqueueAsync((2 * QueueOperator.PageSize) + 50);

        Assert.Equal(ids, (await rig.BrowseAsync(MessageState.Ready)).Select(message => message.Id));
    }

    [Fact]
    public async Task Browse_WhileItGoesOn_ReadsPageByPage()
    {
        await rig.EnqueueAsync(2 * QueueOperator.PageSize);
        var calls = 0;
        rig.Broker.Before = _ => Task.FromResult(++calls);

        await rig.Operator.BrowseAsync(OperatorRig.Queue, MessageState.Ready, OperatorRig.Token).Take(QueueOperator.PageSize).CountAsync(OperatorRig.Token);

        Assert.Equal(1, calls);
    }

    [Theory]
    [InlineData(new byte[] { }, "0 bytes long")]
    [InlineData(new byte[] { 9, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, "version 9")]
    [InlineData(new byte[] { 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 0 }, "damaged")]
    public async Task Browse_EnvelopeThatCannotBeRead_IsShownWithItsBytesAndTheReason(byte[] envelope, string reason)
    {
        var id = await rig.StoreAsync(envelope);
        await rig.EnqueueAsync("the next one");

        var (bad, good) = (await rig.BrowseAsync(MessageState.Ready)) is [var first, var second] ? (first, second) : default;

        Assert.Contains(reason, bad.UnreadableBecause, StringComparison.Ordinal);
        Assert.Equal((id, null, id.CreatedAt, 0), (bad.Id, bad.MessageType, bad.EnqueuedAt, bad.Body.Length));
        Assert.Equal(envelope, bad.Envelope.ToArray());
        Assert.Contains(reason, Assert.Throws<FormatException>(bad.ReadBody<Note>).Message, StringComparison.Ordinal);
        Assert.Equal(new Note("the next one"), good.ReadBody<Note>());
    }

    [Fact]
    public async Task ReadBody_OfAnotherMessage_SaysWhereButNotWhat()
    {
        await rig.EnqueueAsync("secret");

        var message = Assert.Single(await rig.BrowseAsync(MessageState.Ready));
        var fault = Assert.Throws<FormatException>(() => message.ReadBody<int>()).Message;

        Assert.Contains("line 1", fault, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", fault, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", message.ToString(), StringComparison.Ordinal);
        Assert.False(message.TryReadBody(out int _));
        Assert.True(message.TryReadBody<Note>(out var note) && note.Text == "secret");
    }

    [Fact]
    public void ReadBody_OfAViewATestMade_ReadsJson()
    {
        var view = new MessageView { State = MessageState.DeadLettered, Body = """{"Text":"made"}"""u8.ToArray() };

        Assert.Equal(new Note("made"), view.ReadBody<Note>());
    }

    [Fact]
    public async Task Find_MessageOfAnyState_IsShown()
    {
        var id = await rig.EnqueueAsync("hello");
        await rig.DeadLetterAllAsync();

        Assert.Equal(MessageState.DeadLettered, (await rig.Operator.FindAsync(OperatorRig.Queue, id, OperatorRig.Token))?.State);
        Assert.Null(await rig.Operator.FindAsync("others", id, OperatorRig.Token));
    }

    [Fact]
    public async Task ListQueues_MoreThanAPage_NamesEachOnceInOrder()
    {
        var names = Enumerable.Range(0, BrokerLimits.BatchSize + 3).Select(number => $"queue-{number:d4}").ToList();
        foreach (var name in names)
        {
            await rig.Operator.PauseAsync(name, null, OperatorRig.Token);
        }

        Assert.Equal(names, await rig.Operator.ListQueuesAsync(OperatorRig.Token).ToListAsync(OperatorRig.Token));
    }

    [Fact]
    public async Task GetStatistics_OfAQueue_CountsByState()
    {
        await rig.EnqueueAsync(3);
        await rig.LeaseAsync();

        Assert.True(await rig.Operator.GetStatisticsAsync(OperatorRig.Queue, OperatorRig.Token) is { Ready: 2, Leased: 1, IsPaused: false });
    }

    [Fact]
    public async Task ListWorkers_HolderThatAnnouncedItself_IsShownWithWhatItHolds()
    {
        await rig.EnqueueAsync(3);
        await rig.LeaseAsync(2);
        await rig.Broker.Admin.AnnounceAsync(
            new WorkerAnnouncement(QueueName.Parse(OperatorRig.Queue), rig.Session, "process 7 on host 'web-1'", 16, TimeSpan.FromMinutes(3)), OperatorRig.Token);

        var worker = Assert.Single(await rig.Operator.ListWorkersAsync(OperatorRig.Queue, OperatorRig.Token));

        Assert.Equal(new WorkerView(rig.Session.ToString(), "process 7 on host 'web-1'", 16, 2, rig.Time.GetUtcNow() + TimeSpan.FromSeconds(30)), worker);
        Assert.Equal(2, (await rig.BrowseAsync(MessageState.Leased)).Count(message => message.Holder == worker.Session));
    }

    public void Dispose() => rig.Dispose();
}
