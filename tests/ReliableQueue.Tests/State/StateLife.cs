using ReliableQueue.Broker;
using ReliableQueue.State;

namespace ReliableQueue.Tests.State;

/// <summary>Everything a worker writes in its life, one write after the other, and which of it the file said was durable.</summary>
internal sealed class StateLife(StateFolder folder)
{
    private readonly SessionId session = folder.NewSession();
    private readonly SessionId ended = folder.NewSession();
    private readonly StateRecord.Rejection rejection = folder.NewRejection(envelope: new byte[3000]);
    private readonly StateRecord.Unsent unsent = folder.NewUnsent(new Settlement.Retry(TimeSpan.FromSeconds(1), null));
    private readonly StateRecord.Completion[] completions = [folder.NewCompletion(), folder.NewCompletion()];
    private readonly StateRecord.Rejection answered = folder.NewRejection();
    private readonly HashSet<string> durable = [];
    private readonly HashSet<string> failed = [];

    /// <summary>Each write, by name.</summary>
    public (string Name, Func<StateFile, Task> Write)[] Writes =>
    [
        ("session", state => state.BeginSessionAsync(session)),
        ("session that ends", state => state.BeginSessionAsync(ended)),
        ("rejection", state => state.RecordAsync([rejection])),
        ("unsent settlement", state => state.RecordAsync([unsent])),
        ("completions", state => state.RecordAsync(completions)),
        ("epoch", state => state.NoteEpochAsync(7)),
        ("answered", async state =>
        {
            await state.RecordAsync([answered]);
            state.Confirm(answered.Lease, SettleResult.Settled);
        }),
        ("end of a session", state => state.EndSessionAsync(ended)),
    ];

    /// <summary>Makes a write; false when it said that it was not made.</summary>
    public async Task<bool> MakeAsync(StateFile state, string name, Func<StateFile, Task> write)
    {
        try
        {
            await write(state);
            durable.Add(name);
            return true;
        }
        catch (StateFileException)
        {
            failed.Add(name);
            return false;
        }
    }

    /// <summary>
    /// What was said to be durable is in the file, whole, and nothing else is: of what failed the next write leaves nothing, even where the commit failed after it was
    /// done. Only a session may be gone then whose end is said to have failed: that is what was wanted.
    /// </summary>
    public async Task AssertKeptAsync(string path, bool mayEndFailed, string when)
    {
        await using var state = await folder.OpenAsync(path);
        Assert.True(state.DamagedRows == 0, $"{when}: damaged rows");
        // Whether the broker's answer was kept is nobody's promise: without it, the record is replayed once more.
        var unconfirmed = state.Unconfirmed().Select(record => record.Lease).Where(lease => lease != answered.Lease).ToList();
        var sessions = (await state.BeginSessionAsync(folder.NewSession())).Select(earlier => earlier.Session).ToList();
        HeldLease[] order = [rejection.Lease, unsent.Lease, .. completions.Select(completion => completion.Lease)];
        Assert.True(unconfirmed.SequenceEqual(order.Where(unconfirmed.Contains)), $"{when}: records in another order, or others");

        AssertKept("rejection", unconfirmed.Contains(rejection.Lease));
        AssertKept("unsent settlement", unconfirmed.Contains(unsent.Lease));
        Assert.All(completions, completion => AssertKept("completions", unconfirmed.Contains(completion.Lease)));
        AssertKept("answered", StateFolder.Recall(state, answered) is not null);
        AssertKept("epoch", state.Epoch() == 7);
        AssertKept("session", sessions.Contains(session));
        if (durable.Contains("session that ends"))
        {
            AssertKept("end of a session", !sessions.Contains(ended), mayEndFailed);
        }
        else
        {
            AssertKept("session that ends", sessions.Contains(ended));
        }

        void AssertKept(string name, bool isThere, bool mayBeThere = false) => Assert.True(
            isThere == durable.Contains(name) || (isThere && mayBeThere && failed.Contains(name)), $"{when}: {name} is {(isThere ? "" : "not ")}there");
    }
}
