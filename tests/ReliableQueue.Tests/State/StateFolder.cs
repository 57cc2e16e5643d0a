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

    public Task<StateFile> OpenAsync(string? path = null) =>
        StateFile.OpenAsync(path ?? FilePath, Time, NullLogger.Instance, owner => Assert.Fail($"Waits for {owner}."), Cancellation);

    public static RememberedFate? Recall(StateFile state, StateRecord record) => state.Recall(Scope, record.Lease.Message, record.Generation);

    public SessionId NewSession() => SessionId.New(random);

    public HeldLease NewLease() => new(MessageId.New(Time, random), new LeaseToken(NewSession(), random.NextInt64()));

    public StateRecord.Rejection NewRejection(string? error = "no such address", byte[]? envelope = null) => new(
        Scope, NewLease(), 0, "send-email", new Settlement.DeadLetter(DeadLetterReason.Rejected, error), 3, Time.GetUtcNow(),
        envelope ?? [1, 2, 3]);

    public StateRecord.Completion NewCompletion() => new(Scope, NewLease(), 0);

    public StateRecord.Unsent NewUnsent(Settlement settlement) => new(Scope, NewLease(), 0, settlement);

    /// <summary>
    /// What a kill leaves: the file and its log as they are now, at another place. By cp, because .NET opens for copying with a lock the owner refuses.
    /// </summary>
    public string CopyAsKilled()
    {
        var target = Directory.CreateDirectory(Path.Combine(Folder, "copy" + random.NextInt64())).FullName;
        Shell($"cp '{FilePath}'* '{target}'");
        return Path.Combine(target, "worker.db");
    }

    public static void Shell(string command) => Assert.True(TryShell(command), command);

    public static bool TryShell(string command)
    {
        using var process = Process.Start("/bin/sh", ["-c", command]);
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
