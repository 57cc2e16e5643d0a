using ReliableQueue.Broker;
using ReliableQueue.State;

namespace ReliableQueue.Tests.State;

/// <summary>The replay rules, without a file.</summary>
public sealed class StateMemoryTests : IDisposable
{
    private static readonly StateRetention Small = new(TimeSpan.FromDays(30), 3, TimeSpan.FromDays(7), 3);

    private readonly StateFolder folder = new();
    private readonly StateMemory memory = new(Small);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Recall_Rejected_GivesTheReason()
    {
        var rejection = folder.NewRejection();
        Add(rejection);
        Assert.Equal(rejection.Settlement, Recall(rejection));
    }

    /// <summary>Fifty thousand stack traces are no memory for a worker.</summary>
    [Theory]
    [InlineData("Q", RecordRow.ErrorLength)]
    [InlineData("\U0001F4EE", RecordRow.ErrorLength)]
    [InlineData("\U0001F4EEQ", RecordRow.ErrorLength - 1)]
    public void Recall_RejectedWithALongError_GivesItsBeginning(string pattern, int length)
    {
        var error = string.Concat(Enumerable.Repeat(pattern, 4096))[..4096];
        var rejection = folder.NewRejection(error[..(char.IsHighSurrogate(error[^1]) ? 4095 : 4096)]);
        Add(rejection);

        var remembered = Recall(rejection) as Settlement.DeadLetter;
        Assert.Equal(rejection.DeadLetter.Reason, remembered?.Reason);
        Assert.Equal(rejection.DeadLetter.Error?[..length], remembered?.Error);
    }

    [Fact]
    public void Recall_Completed_GivesAnAck()
    {
        var completion = folder.NewCompletion();
        Add(completion);
        Assert.Equal(Settlement.Ack.Plain, Recall(completion));
    }

    [Fact]
    public void Recall_AnotherGeneration_IsNotKnown()
    {
        var rejection = folder.NewRejection();
        Add(rejection);
        Assert.Null(memory.Records.Recall(StateFolder.Scope, rejection.Lease.Message, rejection.Generation + 1));
    }

    [Fact]
    public void Recall_AnotherScope_IsNotKnown()
    {
        var rejection = folder.NewRejection();
        Add(rejection);
        Assert.Null(memory.Records.Recall(StateFolder.Scope with { Broker = "redis://two" }, rejection.Lease.Message, rejection.Generation));
    }

    [Fact]
    public void Recall_Unsent_IsNotKnown()
    {
        var unsent = folder.NewUnsent(Settlement.Ack.Plain);
        Add(unsent);
        Assert.Null(Recall(unsent));
    }

    [Theory]
    [InlineData(SettleResult.Settled)]
    [InlineData(SettleResult.Already)]
    [InlineData(SettleResult.Stale)]
    public void Confirm_AnyAnswer_EndsTheReplayAndKeepsTheMemory(SettleResult result)
    {
        StateRecord[] records = [folder.NewRejection(), folder.NewCompletion(), folder.NewUnsent(Settlement.Ack.Plain)];
        foreach (var record in records)
        {
            Add(record, isReplay: true);
        }

        Assert.Equal(records, memory.Records.Unconfirmed(StateFolder.Scope));
        foreach (var record in records)
        {
            memory.Confirm(StateFolder.Scope, record.Lease, result);
        }

        Assert.Empty(memory.Records.Unconfirmed(StateFolder.Scope));
        Assert.NotNull(Recall(records[0]));
        Assert.NotNull(Recall(records[1]));
        Assert.Equal(
            [StateTable.Answers, StateTable.Answers, StateTable.Records], memory.TakeUnwritten(folder.Time.GetUtcNow()).Select(change => change.Table));
    }

    [Fact]
    public void Confirm_SeveralRecordsOfOneLease_AnswersAll()
    {
        var completion = folder.NewCompletion();
        Add(completion, isReplay: true);
        Add(new StateRecord.Unsent(completion.Lease, completion.Generation, Settlement.Ack.Plain), isReplay: true);

        memory.Confirm(StateFolder.Scope, completion.Lease, SettleResult.Settled);

        Assert.Empty(memory.Records.Unconfirmed(StateFolder.Scope));
        Assert.NotNull(Recall(completion));
    }

    [Fact]
    public void Confirm_UnknownLease_ChangesNothing()
    {
        memory.Confirm(StateFolder.Scope, folder.NewLease(), SettleResult.Settled);
        Assert.False(memory.HasUnwritten);
    }

    [Fact]
    public void Prune_TooMany_ForgetsTheOldestSettledBeforeAnyStale()
    {
        var stale = folder.NewCompletion();
        Add(stale, answer: SettleResult.Stale);
        var settled = Enumerable.Range(0, 4).Select(_ => folder.NewCompletion()).ToArray();
        Array.ForEach(settled, each => Add(each, answer: SettleResult.Settled));

        Prune();

        Assert.NotNull(Recall(stale));
        Assert.Equal([false, false, true, true], settled.Select(each => Recall(each) is not null));
    }

    [Fact]
    public void Prune_TooManyUnanswered_ForgetsNone()
    {
        var open = Enumerable.Range(0, 10).Select(_ => folder.NewRejection()).ToArray();
        Array.ForEach(open, each => Add(each));

        Prune();

        Assert.All(open, each => Assert.NotNull(Recall(each)));
    }

    [Fact]
    public void Prune_TooOld_ForgetsEachKindAtItsAge()
    {
        var (rejection, completion) = (folder.NewRejection(), folder.NewCompletion());
        Add(rejection, answer: SettleResult.Settled);
        Add(completion, answer: SettleResult.Stale);

        folder.Time.Advance(TimeSpan.FromDays(7.5));
        Prune();
        Assert.NotNull(Recall(rejection));
        Assert.Null(Recall(completion));

        folder.Time.Advance(TimeSpan.FromDays(23));
        Prune();
        Assert.Null(Recall(rejection));
    }

    [Fact]
    public void Prune_MessageRecordedAgainLater_KeepsTheLater()
    {
        var first = folder.NewRejection();
        Add(first, answer: SettleResult.Settled);
        folder.Time.Advance(TimeSpan.FromDays(20));
        Add(first with { Lease = first.Lease with { Token = folder.NewLease().Token }, RejectedAt = folder.Time.GetUtcNow() }, answer: SettleResult.Settled);
        folder.Time.Advance(TimeSpan.FromDays(20));

        Prune();

        Assert.NotNull(Recall(first));
    }

    [Fact]
    public void GiveBack_RowChangedMeanwhile_KeepsTheNewerChange()
    {
        RowChange older = new(StateTable.Answers, 1, [1L]), newer = new(StateTable.Answers, 1, null);
        memory.Later([older]);
        var taken = memory.TakeUnwritten(folder.Time.GetUtcNow());
        memory.Later([newer]);

        memory.GiveBack(taken);

        Assert.Same(newer, Assert.Single(memory.TakeUnwritten(folder.Time.GetUtcNow())));
    }

    [Fact]
    public void NextRow_DamagedRowInTheWay_GoesAroundIt()
    {
        memory.NoteRow(StateTable.Records, 4);
        memory.NoteDamaged(StateTable.Records, 5);
        memory.NoteDamaged(StateTable.Records, long.MaxValue);

        Assert.Equal(6, memory.NextRow(StateTable.Records));
        Assert.Equal(7, memory.NextRow(StateTable.Records));
    }

    [Fact]
    public void Earlier_SessionOfThisRun_IsNotNamed()
    {
        var (earlier, current) = (folder.NewSession(), folder.NewSession());
        memory.Sessions.Put(new SessionRow(1, StateFolder.Scope, earlier, 5, folder.Time.GetUtcNow(), IsEarlier: true));
        memory.Sessions.Put(new SessionRow(2, StateFolder.Scope, current, 0, folder.Time.GetUtcNow(), IsEarlier: false));

        Assert.Equal([new EarlierSession(earlier, 5, folder.Time.GetUtcNow())], memory.Sessions.Earlier(StateFolder.Scope));
    }

    [Fact]
    public void NoteLastCall_LowerNumber_IsIgnored()
    {
        var session = folder.NewSession();
        memory.Sessions.Put(new SessionRow(1, StateFolder.Scope, session, 0, folder.Time.GetUtcNow(), IsEarlier: false));
        memory.Sessions.NoteLastCall(StateFolder.Scope, session, 7, folder.Time.GetUtcNow());
        memory.Sessions.NoteLastCall(StateFolder.Scope, session, 6, folder.Time.GetUtcNow());

        Assert.Equal(7, memory.Sessions.Find(StateFolder.Scope, session)?.LastCall);
        Assert.Single(memory.Sessions.TakeNotedCalls());
        Assert.False(memory.Sessions.HasNotedCalls);
    }

    private void Add(StateRecord record, bool isReplay = false, SettleResult? answer = null)
    {
        var remembered = RecordRow.Of(memory.NextRow(StateTable.Records), StateFolder.Scope, record, folder.Time.GetUtcNow());
        if (isReplay)
        {
            memory.Records.AddReplay(remembered, record);
        }
        else
        {
            memory.Records.Add(remembered);
        }

        if (answer is { } result)
        {
            memory.Confirm(StateFolder.Scope, record.Lease, result);
        }
    }

    private Settlement? Recall(StateRecord record) => memory.Records.Recall(StateFolder.Scope, record.Lease.Message, record.Generation);

    private void Prune() => memory.Records.Prune(folder.Time.GetUtcNow(), 100);
}
