using System.Threading.Channels;
using ReliableQueue.TestKit;

namespace ReliableQueue.Tests.Enqueuing;

/// <summary>A virtual clock that signals each pause begun on it, so that a test advances it neither too early nor by chance.</summary>
internal sealed class TimerWatch(VirtualTime time) : TimeProvider
{
    private readonly Channel<TimeSpan> pauses = Channel.CreateUnbounded<TimeSpan>();

    public override long TimestampFrequency => time.TimestampFrequency;

    public override long GetTimestamp() => time.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => time.GetUtcNow();

    /// <summary>How long the next pause is, once it has begun.</summary>
    public Task<TimeSpan> NextPauseAsync() => pauses.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(20));

    /// <summary>Lets pauses pass, one after another, until the task has ended.</summary>
    public async Task PassPausesUntilAsync(Task end)
    {
        while (!end.IsCompleted)
        {
            await Task.WhenAny(end, pauses.Reader.WaitToReadAsync(TestContext.Current.CancellationToken).AsTask()).WaitAsync(TimeSpan.FromSeconds(20));
            if (pauses.Reader.TryRead(out var pause))
            {
                time.Advance(pause);
            }
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = time.CreateTimer(callback, state, dueTime, period);
        if (dueTime > TimeSpan.Zero)
        {
            pauses.Writer.TryWrite(dueTime);
        }

        return timer;
    }
}
