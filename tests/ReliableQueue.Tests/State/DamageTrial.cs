using Microsoft.Extensions.Logging.Abstractions;
using ReliableQueue.Broker;
using ReliableQueue.State;
using ReliableQueue.Storage;
using ReliableQueue.TestKit;

namespace ReliableQueue.Tests.State;

/// <summary>A state file, what was recorded in it, and whether damaged versions of it are refused or tell the truth. Counts how often which.</summary>
internal sealed class DamageTrial : IDisposable
{
    private const int Seed = 20260101;
    private const long Epoch = 42;
    private const long LastCall = 7;

    private readonly SeededRandom random = new(Seed);
    private readonly SessionId session;
    private readonly Dictionary<HeldLease, StateRecord> records = [];
    private readonly string victim;
    private int unconfirmed;

    public DamageTrial()
    {
        session = Folder.NewSession();
        victim = Path.Combine(Folder.Folder, "victim.db");
        File.WriteAllBytes(victim, []);
    }

    public StateFolder Folder { get; } = new(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath());

    public int Refused { get; private set; }

    public int Truthful { get; private set; }

    /// <summary>How often it told all of the truth.</summary>
    public int Complete { get; private set; }

    public void Dispose() => Folder.Dispose();

    public static byte[] Flipped(byte[] bytes, int bit)
    {
        var flipped = bytes.ToArray();
        flipped[bit / 8] ^= (byte)(1 << (bit % 8));
        return flipped;
    }

    public int Next(int below) => (int)(random.NextDouble() * below);

    /// <summary>The file after a clean end, and file and log as a kill leaves them.</summary>
    /// <param name="pageSize">Of the file, in bytes.</param>
    /// <param name="runs">What each run of the worker records, to be found again. The log is that of the last: the end of a run moves it into the file.</param>
    public async Task<(byte[] Closed, byte[] Killed, byte[] Log)> FillAsync(int pageSize, params Func<StateFile, Task>[] runs)
    {
        var killed = Path.Combine(Folder.Folder, "killed");
        SetPageSize(pageSize);
        foreach (var run in runs)
        {
            await using var state = await Folder.OpenAsync(victim);
            if (run == runs[0])
            {
                await state.BeginSessionAsync(session);
                await state.NoteEpochAsync(Epoch);
                state.NoteLastCall(session, LastCall);
            }

            await run(state);
            StateFolder.Shell($"cp '{victim}' '{killed}' && cp '{victim}-wal' '{killed}-wal'");
        }

        return (await BytesAsync(victim), await BytesAsync(killed), await BytesAsync(killed + "-wal"));

        static Task<byte[]> BytesAsync(string path) => File.ReadAllBytesAsync(path, StateFolder.Cancellation);
    }

    public async Task RecordAsync(StateFile state, params StateRecord[] recorded)
    {
        await state.RecordAsync(recorded);
        Array.ForEach(recorded, record => records.Add(record.Lease, record));
        unconfirmed += recorded.Length;
    }

    public void Confirm(StateFile state, StateRecord record)
    {
        state.Confirm(record.Lease, SettleResult.Settled);
        unconfirmed--;
    }

    public async Task TryAsync(byte[] content, string damage, byte[]? log = null)
    {
        // In place: another inode would be a copy, and a copy replays nothing.
        await File.WriteAllBytesAsync(victim, content, StateFolder.Cancellation);
        File.Delete(victim + "-shm");
        await File.WriteAllBytesAsync(victim + "-wal", log ?? [], StateFolder.Cancellation);
        StateFile state;
        try
        {
            state = await StateFile.OpenAsync(new FileOpening(victim, Folder.Time), NullLogger.Instance, _ => Assert.Fail("held"), StateFolder.Cancellation);
        }
        catch (StateFileException exception)
        {
            Assert.Contains(victim, exception.Message, StringComparison.Ordinal);
            Refused++;
            return;
        }

        await using (state)
        {
            AssertTruth(state.Memory, state.DamagedRows, damage);
            await AssertUsableAsync(state, Folder.NewSession());
        }
    }

    /// <summary>As opening does, without locks and threads: a hundred times as many in the same time.</summary>
    /// <returns>How many records it holds that are to be told to the broker; 0 when it is refused.</returns>
    public int TryLoad(byte[] content, string damage, byte[]? log = null)
    {
        File.WriteAllBytes(victim, content);
        File.WriteAllBytes(victim + "-wal", log ?? []);
        File.Delete(victim + "-shm");
        try
        {
            using var database = StateDatabase.Open(victim);
            if (StateSchema.Current.FaultOf(victim, database) is not null)
            {
                Refused++;
                return 0;
            }

            database.TakeOver();
            StateSchema.Current.Migrate(database, FileIdentity.Machine(), FileIdentity.Of(victim) ?? string.Empty);
            var loaded = new StateLoader(database.Read, StateRetention.Default, Folder.Time.GetUtcNow()).Load(FileIdentity.Machine(), FileIdentity.Of(victim) ?? string.Empty);
            return AssertTruth(loaded.Memory, loaded.Damaged.Count, damage);
        }
        catch (SqliteFailure)
        {
            // Opening makes a StateFileException of it.
            Refused++;
            return 0;
        }
    }

    /// <summary>One bit of the file anywhere.</summary>
    public void TryFlip(byte[] file)
    {
        var bit = Next(file.Length * 8);
        TryLoad(Flipped(file, bit), $"bit {bit} of the file");
    }

    /// <summary>One bit of the log anywhere.</summary>
    public void TryFlip(byte[] file, byte[] log)
    {
        var bit = Next(log.Length * 8);
        TryLoad(file, $"bit {bit} of the log", Flipped(log, bit));
    }

    public void Report() =>
        TestContext.Current.SendDiagnosticMessage($"{Refused} refused, {Truthful} opened and told the truth, {Complete} of them all of it; 0 wrong (seed {Seed}).");

    private void SetPageSize(int pageSize)
    {
        using var connection = Connection.Open(victim);
        connection.Execute($"PRAGMA page_size = {pageSize}; VACUUM");
    }

    private int AssertTruth(StateMemory memory, int damaged, string damage)
    {
        var replays = memory.Records.Unconfirmed(StateFolder.Scope);
        var leases = replays.Select(replay => replay.Lease).ToHashSet();
        var expected = records.Values.Where(record => leases.Contains(record.Lease));
        Assert.True(replays.SequenceEqual(expected, SameRecord.Instance), damage);
        Assert.True(
            records.Values.All(record => memory.Records.Recall(StateFolder.Scope, record.Lease.Message, record.Generation) is not { } settlement || settlement == record.Settlement), damage);
        Assert.True(memory.Sessions.EpochOf(StateFolder.Scope) is null or { Epoch: Epoch }, damage);
        Assert.True(memory.Sessions.Earlier(StateFolder.Scope).All(each => each.Session == session && each.LastCall is LastCall or 0), damage);
        Truthful++;
        Complete += replays.Count == unconfirmed && damaged == 0 ? 1 : 0;
        return replays.Count;
    }

    private static async Task AssertUsableAsync(StateFile state, SessionId next)
    {
        try
        {
            await state.BeginSessionAsync(next);
        }
        catch (StateFileException)
        {
            Assert.NotNull(state.Fault);
        }
    }

    /// <summary>A record compares its payload by reference; here its bytes count.</summary>
    private sealed class SameRecord : IEqualityComparer<StateRecord>
    {
        public static SameRecord Instance { get; } = new();

        public bool Equals(StateRecord? one, StateRecord? other) => one is StateRecord.Rejection left && other is StateRecord.Rejection right
            ? left with { Envelope = default } == right with { Envelope = default } && left.Envelope.Span.SequenceEqual(right.Envelope.Span)
            : one == other;

        public int GetHashCode(StateRecord record) => record.Lease.GetHashCode();
    }
}
