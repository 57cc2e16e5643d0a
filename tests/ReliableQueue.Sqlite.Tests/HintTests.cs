using ReliableQueue.Broker;
using Xunit;

namespace ReliableQueue.Sqlite.Tests;

/// <summary>Listeners hear of messages enqueued by their own broker and by others on the file.</summary>
public sealed class HintTests : SqliteTest
{
    [Fact]
    public async Task Listen_EnqueueBySameBroker_IsHeard()
    {
        await using var broker = File.Open();
        var heard = new TaskCompletionSource();
        using var listening = broker.Listen(Queue, () => heard.TrySetResult());
        await Client(broker).EnqueueAsync(1);
        await heard.Task.WaitAsync(Cancel);
    }

    [Fact(Timeout = 30_000)]
    public async Task Listen_EnqueueByAnotherBroker_IsHeard()
    {
        await using var broker = File.Open();
        await using var another = File.Open();
        var heard = new TaskCompletionSource();
        using var listening = broker.Listen(Queue, () => heard.TrySetResult());
        await Client(another).EnqueueAsync(1);
        await heard.Task.WaitAsync(Cancel);
    }

    [Fact]
    public async Task Listen_Disposed_HearsNoMoreWhileOthersDo()
    {
        await using var broker = File.Open();
        var first = 0;
        var heard = new TaskCompletionSource();
        var gone = broker.Listen(Queue, () => first++);
        using var listening = broker.Listen(Queue, () => heard.TrySetResult());
        gone.Dispose();
        await Client(broker).EnqueueAsync(1);
        await heard.Task.WaitAsync(Cancel);
        Assert.Equal(0, first);
    }

    [Fact]
    public async Task DisposeAsync_ListenerIsSlow_IsWaitedForAndTheFileIsClosed()
    {
        var broker = File.Open();
        var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var enough = new ManualResetEventSlim();
        using var listening = broker.Listen(Queue, () =>
        {
            heard.TrySetResult();
            enough.Wait(Cancel);
        });
        await using (var another = File.Open())
        {
            await Client(another).EnqueueAsync(1);
            await heard.Task.WaitAsync(Cancel);
        }

        // A disposal that waits for nobody is over in less.
        var disposal = broker.DisposeAsync().AsTask();
        await Task.WhenAny(disposal, Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, Cancel));
        Assert.False(disposal.IsCompleted);
        Assert.True(IsOpen());

        enough.Set();
        await disposal;
        Assert.False(IsOpen());
    }

    [Fact]
    public async Task Check_LocalFile_FindsNothing()
    {
        await using var broker = File.Open();
        Assert.Empty(await broker.CheckAsync(Cancel));
    }

    /// <summary>Whether this process has the file open, or one of those that SQLite keeps beside it.</summary>
    private bool IsOpen() =>
        Directory.EnumerateFileSystemEntries("/proc/self/fd").Any(open => new FileInfo(open).LinkTarget?.StartsWith(File.Path, StringComparison.Ordinal) == true);
}
