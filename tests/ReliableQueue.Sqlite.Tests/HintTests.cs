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
        using var listening = broker.Listen(Queue, _ => heard.TrySetResult());
        await Client(broker).EnqueueAsync(1);
        await heard.Task.WaitAsync(Cancel);
    }

    [Fact(Timeout = 30_000)]
    public async Task Listen_EnqueueByAnotherBroker_IsHeard()
    {
        await using var broker = File.Open();
        await using var another = File.Open();
        var heard = new TaskCompletionSource();
        using var listening = broker.Listen(Queue, _ => heard.TrySetResult());
        await Client(another).EnqueueAsync(1);
        await heard.Task.WaitAsync(Cancel);
    }

    [Fact]
    public async Task Listen_Disposed_HearsNoMoreWhileOthersDo()
    {
        await using var broker = File.Open();
        var first = 0;
        var heard = new TaskCompletionSource();
        var gone = broker.Listen(Queue, _ => first++);
        using var listening = broker.Listen(Queue, _ => heard.TrySetResult());
        gone.Dispose();
        await Client(broker).EnqueueAsync(1);
        await heard.Task.WaitAsync(Cancel);
        Assert.Equal(0, first);
    }

    [Fact]
    public async Task Check_LocalFile_FindsNothing()
    {
        await using var broker = File.Open();
        Assert.Empty(await broker.Admin.CheckAsync(Cancel));
    }
}
