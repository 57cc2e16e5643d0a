using ReliableQueue.Broker;
using ReliableQueue.State;

namespace ReliableQueue.Tests.State;

public sealed class StateFileTests : IDisposable
{
    private readonly StateFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Everything_recorded_is_there_after_reopening()
    {
        var rejection = folder.NewRejection("a\0b é 漢 \U0001F600", [0, 255, 7]);
        StateRecord[] records =
        [
            rejection, folder.NewRejection(error: null, envelope: []), folder.NewCompletion(), folder.NewUnsent(Settlement.Ack.Instance),
            folder.NewUnsent(new Settlement.Retry(TimeSpan.FromSeconds(7))), folder.NewUnsent(new Settlement.Release(TimeSpan.Zero)),
            folder.NewUnsent(new Settlement.DeadLetter(DeadLetterReason.DeliveryLimit, null)),
        ];
        var session = folder.NewSession();
        await using (var first = await folder.OpenAsync())
        {
            Assert.Empty(await first.BeginSessionAsync(StateFolder.Scope, session));
            Assert.Null(first.EpochOf(StateFolder.Scope));
            await first.NoteEpochAsync(StateFolder.Scope, 42);
            await first.RecordAsync(records[..3]);
            await first.RecordAsync(records[3..]);
            first.NoteLastCall(StateFolder.Scope, session, 9);
            Assert.Empty(first.Unconfirmed(StateFolder.Scope));
        }

        await using var second = await folder.OpenAsync();
        Assert.Equal(0, second.DamagedRows);
        Assert.Equal(42, second.EpochOf(StateFolder.Scope));
        Assert.Equal([new EarlierSession(session, 9)], await second.BeginSessionAsync(StateFolder.Scope, folder.NewSession()));
        var replays = second.Unconfirmed(StateFolder.Scope);
        Assert.Equal(records.Skip(2), replays.Skip(2));
        var replayed = Assert.IsType<StateRecord.Rejection>(replays[0]);
        Assert.Equal(rejection.Envelope.ToArray(), replayed.Envelope.ToArray());
        Assert.Equal(rejection with { Envelope = default }, replayed with { Envelope = default });
        Assert.Equal(rejection.Settlement, second.Recall(StateFolder.Scope, rejection.Lease.Message, rejection.Incarnation)?.Rejection);
    }

    [Fact]
    public async Task What_was_recorded_survives_a_kill()
    {
        await using var state = await folder.OpenAsync();
        var rejection = folder.NewRejection();
        await state.RecordAsync([rejection]);

        await using var copy = await folder.OpenAsync(folder.CopyAsKilled());

        Assert.NotNull(copy.Recall(StateFolder.Scope, rejection.Lease.Message, rejection.Incarnation));
    }
}
