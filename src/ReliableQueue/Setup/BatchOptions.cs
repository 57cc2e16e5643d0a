using ReliableQueue.Setup;

namespace ReliableQueue;

/// <summary>How messages are gathered for the batch handlers of a queue: <see cref="QueueOptions.Batch"/>. Without a batch handler they mean nothing.</summary>
public sealed class BatchOptions
{
    /// <summary>Most messages of one batch. Default: null, the queue's <see cref="QueueOptions.Concurrency"/>. 1 to 10,000, at most <see cref="QueueOptions.Concurrency"/>: no more are leased.</summary>
    [Between(1, 10_000)]
    public int? Size { get; set; }

    /// <summary>How long the first message of a batch waits for others. Default: 50 ms. 0 to 1 min; a message that was delivered before does not wait.</summary>
    [Between("00:00:00", "00:01:00")]
    public TimeSpan Linger { get; set; } = TimeSpan.FromMilliseconds(50);
}
