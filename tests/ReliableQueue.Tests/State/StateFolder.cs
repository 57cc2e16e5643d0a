using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using ReliableQueue.Broker;
using ReliableQueue.Messages;
using ReliableQueue.State;
using ReliableQueue.TestKit;

namespace ReliableQueue.Tests.State;

/// <summary>A folder for one test's state file, removed at the end, and records to put into it.</summary>
internal sealed class StateFolder(string parent) : IDisposable
{
    public static readonly StateScope Scope = new("redis://one", QueueName.Parse("emails"));

    private readonly SeededRandom random = new(1);

    public StateFolder()
        : this(Path.GetTempPath())
    {
    }

    public string Folder { get; } = Directory.CreateDirectory(Path.Combine(parent, "rq-state-" + Path.GetRandomFileName())).FullName;

    public string FilePath => Path.Combine(Folder, "worker.db");

    public VirtualTime Time { get; } = new();

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public Task<StateFile> OpenAsync(string? path = null, StateSchema? schema = null) => StateFile.OpenAsync(
        new FileOpening(path ?? FilePath, Time) { Schema = schema ?? StateSchema.Current }, NullLogger.Instance, owner => Assert.Fail($"Waits for {owner}."), Cancellation);

    public static Settlement? Recall(StateFile state, StateRecord record) => state.Journal.Recall(Scope, record.Lease.Message, record.Generation);

    public SessionId NewSession() => SessionId.New(random);

    public HeldLease NewLease() => new(MessageId.New(Time, random), new LeaseToken(NewSession(), random.NextInt64()));

    public StateRecord.Rejection NewRejection(string? error = "no such address", byte[]? envelope = null) => new(
        NewLease(), 2, new Settlement.DeadLetter(DeadLetterReason.Rejected, error), "send-email", 3, Time.GetUtcNow()) { Envelope = envelope ?? [1, 2, 3] };

    public StateRecord.Completion NewCompletion() => new(NewLease(), 0);

    public StateRecord.Unsent NewUnsent(Settlement settlement) => new(NewLease(), 0, settlement);

    /// <summary>
    /// What a kill leaves: the file and its log as they are now, at another place. By cp, because .NET opens for copying with a lock the owner refuses.
    /// </summary>
    public string CopyAsKilled()
    {
        var target = Directory.CreateDirectory(Path.Combine(Folder, "copy" + random.NextInt64())).FullName;
        Shell($"cp '{FilePath}'* '{target}'");
        return Path.Combine(target, "worker.db");
    }

    /// <summary>Puts such a copy in place of the file, in the same inode: so it is not taken for a copy.</summary>
    public void PutInPlace(string copy) => Shell($"rm -f '{FilePath}-'* ; cat '{copy}' > '{FilePath}' && cp '{copy}-wal' '{FilePath}-wal'");

    public static void Shell(string command) => Assert.True(TryShell(command), command);

    public static bool TryShell(string command)
    {
        using var process = Process.Start("/bin/sh", ["-c", command]);
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}

/// <summary>What a test asks of a state file, about the scope of its folder.</summary>
internal static class StateFileCalls
{
    extension(StateFile state)
    {
        public string? Fault => state.Journal.Fault;

        public Task<IReadOnlyList<EarlierSession>> BeginSessionAsync(SessionId session) => state.Journal.BeginSessionAsync(StateFolder.Scope, session);

        public Task EndSessionAsync(SessionId session) => state.Journal.EndSessionAsync(StateFolder.Scope, session);

        public long? Epoch() => state.Journal.EpochOf(StateFolder.Scope);

        public Task NoteEpochAsync(long epoch) => state.Journal.NoteEpochAsync(StateFolder.Scope, epoch);

        public void NoteLastCall(SessionId session, long number) => state.Journal.NoteLastCall(StateFolder.Scope, session, number);

        public Task RecordAsync(params IReadOnlyList<StateRecord> records) => state.Journal.RecordAsync(StateFolder.Scope, records);

        public void Confirm(HeldLease lease, SettleResult result) => state.Journal.Confirm(StateFolder.Scope, lease, result);

        public IReadOnlyList<StateRecord> Unconfirmed() => state.Journal.Unconfirmed(StateFolder.Scope);

        public Task ProbeAsync() => state.Journal.ProbeAsync();
    }
}
