using ReliableQueue.Broker;
using ReliableQueue.TestKit;
using Xunit;

namespace ReliableQueue.Sqlite.Tests;

/// <summary>When the disposal of a broker ends, it has closed the file, and does not open it again. Looks into /proc, as Linux has it.</summary>
public sealed class DisposalTests : SqliteTest
{
    [Fact]
    public async Task DisposeAsync_ListenerIsSlow_IsWaitedForAndTheFileIsClosed()
    {
        var broker = File.Open();
        var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var enough = new ManualResetEventSlim();
        using var listening = broker.Listen(Queue, _ =>
        {
            heard.TrySetResult();
            enough.Wait(Cancel);
        });
        await using (var another = File.Open())
        {
            await Client(another).EnqueueAsync(1);
            await heard.Task.WaitAsync(Cancel);
        }

        var disposal = broker.DisposeAsync().AsTask();
        Assert.False(disposal.IsCompleted);
        Assert.True(IsOpen());

        enough.Set();
        await disposal;
        Assert.False(IsOpen());
    }

    [Fact]
    public async Task DisposeAsync_CallsAfterIt_AreCertainlyNotDoneAndLeaveTheFileClosed()
    {
        var broker = File.Open();
        var client = Client(broker);
        await client.EnqueueAsync(1);
        await broker.Admin.GetStatisticsAsync(Queue, Cancel);
        await broker.DisposeAsync();

        await AssertFaultAsync(BrokerFault.NotApplied, () => client.EnqueueAsync(1));
        await AssertFaultAsync(BrokerFault.NotApplied, () => broker.Admin.GetStatisticsAsync(Queue, Cancel));
        await AssertFaultAsync(BrokerFault.NotApplied, () => broker.DeadLettersAsync(Queue, Cancel));
        Assert.False(IsOpen());
    }

    /// <summary>Whether this process has the file open, or one of those that SQLite keeps next to it.</summary>
    private bool IsOpen() =>
        Directory.EnumerateFileSystemEntries("/proc/self/fd").Any(open => new FileInfo(open).LinkTarget?.StartsWith(File.Path, StringComparison.Ordinal) == true);
}
