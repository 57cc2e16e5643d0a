using ReliableQueue.Broker;
using ReliableQueue.State;

namespace ReliableQueue.Tests.State;

/// <summary>The state of a worker that keeps no file: all that a state is asked for, as long as the process lives.</summary>
public sealed class UnsavedStateTests : IDisposable
{
    private readonly StateFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task What_ended_here_is_recalled_and_nothing_is_replayed_or_named_as_an_earlier_run()
    {
        await using var state = UnsavedState.Open(folder.Time);
        var session = folder.NewSession();
        var (rejection, completion) = (folder.NewRejection(), folder.NewCompletion());

        Assert.Empty(await state.BeginSessionAsync(StateFolder.Scope, session));
        await state.NoteEpochAsync(StateFolder.Scope, 7);
        state.NoteLastCall(StateFolder.Scope, session, 3);
        await state.RecordAsync(StateFolder.Scope, [rejection, completion]);
        state.Confirm(StateFolder.Scope, rejection.Lease, SettleResult.Settled);
        await state.ProbeAsync();
        Assert.Empty(await state.BeginSessionAsync(StateFolder.Scope, folder.NewSession()));

        Assert.Null(state.Fault);
        Assert.Equal(7, state.EpochOf(StateFolder.Scope));
        Assert.Empty(state.Unconfirmed(StateFolder.Scope));
        Assert.Equal(rejection.Settlement, state.Recall(StateFolder.Scope, rejection.Lease.Message, rejection.Generation));
        Assert.Equal(Settlement.Ack.Plain, state.Recall(StateFolder.Scope, completion.Lease.Message, completion.Generation));
        Assert.Null(state.Recall(StateFolder.Scope, rejection.Lease.Message, rejection.Generation + 1));
    }

    [Fact]
    public async Task After_its_end_it_takes_no_record()
    {
        var state = UnsavedState.Open(folder.Time);
        await state.DisposeAsync();
        await state.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => state.RecordAsync(StateFolder.Scope, [folder.NewCompletion()]));
    }

    [Fact]
    public async Task Many_threads_may_record_at_once()
    {
        await using var state = UnsavedState.Open(folder.Time);
        var records = Enumerable.Range(0, 2_000).Select(_ => folder.NewCompletion()).ToList();

        await Task.WhenAll(records.Chunk(100).Select(some => Task.Run(async () =>
        {
            foreach (var record in some)
            {
                await state.RecordAsync(StateFolder.Scope, [record]);
                state.Confirm(StateFolder.Scope, record.Lease, SettleResult.Settled);
            }
        })));

        Assert.All(records, record => Assert.NotNull(state.Recall(StateFolder.Scope, record.Lease.Message, record.Generation)));
    }
}
