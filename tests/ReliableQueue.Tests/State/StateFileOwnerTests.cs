using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using ReliableQueue.State;
using ReliableQueue.TestKit;

namespace ReliableQueue.Tests.State;

public sealed class StateFileOwnerTests : IDisposable
{
    private readonly StateFolder folder = new();
    private readonly List<StateFileOwner> waitedFor = [];

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_second_owner_waits_is_told_who_the_first_is_and_follows_it()
    {
        var first = await folder.OpenAsync();
        StateFile.Inspect(folder.FilePath);
        var second = WaitAsync(folder.FilePath, StateFolder.Cancellation);

        folder.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.False(second.IsCompleted);
        Assert.Equal([new StateFileOwner(folder.FilePath, Environment.MachineName, Environment.ProcessId, IsThisProcess: true)], waitedFor);
        var rejection = folder.NewRejection();
        await first.RecordAsync([rejection]);
        await first.DisposeAsync();

        folder.Time.Advance(TimeSpan.FromMilliseconds(250));
        await using var next = await second;
        Assert.NotNull(StateFolder.Recall(next, rejection));
        Assert.True(File.Exists(folder.FilePath + ".lock"));
    }

    [Fact]
    public async Task Waiting_for_the_owner_can_be_cancelled()
    {
        await using var first = await folder.OpenAsync();
        using var cancellation = new CancellationTokenSource();
        var second = WaitAsync(folder.FilePath, cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.Equal(0, folder.Time.PendingTimers);
    }

    [Fact]
    public async Task A_lock_file_removed_while_held_does_not_make_two_owners()
    {
        var first = await folder.OpenAsync();
        File.Delete(folder.FilePath + ".lock");
        var second = WaitAsync(folder.FilePath, StateFolder.Cancellation);
        folder.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.False(second.IsCompleted);
        Assert.Single(waitedFor);

        await first.DisposeAsync();
        folder.Time.Advance(TimeSpan.FromMilliseconds(250));
        await (await second).DisposeAsync();
    }

    [Fact]
    public async Task Another_process_that_owns_the_file_is_waited_for_until_it_is_killed()
    {
        var lockPath = folder.FilePath + ".lock";
        await File.WriteAllTextAsync(lockPath, "elsewhere\n4711\n", StateFolder.Cancellation);
        using var owner = Process.Start(new ProcessStartInfo("/usr/bin/flock", ["-x", lockPath, "sh", "-c", "echo held; exec cat"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        }) ?? throw new InvalidOperationException("flock did not start");
        Assert.Equal("held", await owner.StandardOutput.ReadLineAsync(StateFolder.Cancellation));

        var second = WaitAsync(folder.FilePath, StateFolder.Cancellation);
        folder.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.False(second.IsCompleted);
        Assert.Equal([new StateFileOwner(folder.FilePath, "elsewhere", 4711)], waitedFor);
        Assert.Equal("process 4711 on host 'elsewhere'", waitedFor[0].ToString());

        owner.Kill(entireProcessTree: true);

        // The lock is gone when the last process of the tree is, and only the first one can be waited for.
        await Eventually.TrueAsync(
            () =>
            {
                folder.Time.Advance(TimeSpan.FromMilliseconds(250));
                return second.IsCompleted;
            },
            "the file is opened once its owner is dead");
        await (await second).DisposeAsync();
    }

    [Fact]
    public async Task A_lock_file_that_says_nothing_gives_an_unknown_owner()
    {
        await using var first = await folder.OpenAsync();
        StateFolder.Shell($"cat /dev/null > '{folder.FilePath}.lock'");
        using var cancellation = new CancellationTokenSource();
        var second = WaitAsync(folder.FilePath, cancellation.Token);
        Assert.Equal("an unknown process", Assert.Single(waitedFor).ToString());
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
    }

    private Task<StateFile> WaitAsync(string path, CancellationToken cancellationToken) =>
        StateFile.OpenAsync(new FileOpening(path, folder.Time), NullLogger.Instance, waitedFor.Add, cancellationToken);
}
