using Microsoft.Extensions.Options;
using ReliableQueue.Setup;

namespace ReliableQueue;

/// <summary>
/// What producers and workers share: limits of a message and how long a producer tries. Bound from <c>ReliableQueue:Messages</c>; what code sets wins. Validated at start.
/// </summary>
public sealed class MessageOptions
{
    /// <summary>How long <c>EnqueueAsync</c> tries before it throws. Default: 15 s. 100 ms to 10 min.</summary>
    [Between("00:00:00.100", "00:10:00")]
    public TimeSpan EnqueueTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Largest body of a message, in bytes. Default: 262,144 (256 KiB, as Amazon SQS long had). 1 to 67,108,864.</summary>
    [Between(1, 64 * 1024 * 1024)]
    public int MaxBodyBytes { get; set; } = 256 * 1024;

    /// <summary>Most headers of a message. Default: 32. 0 to 1,000.</summary>
    [Between(0, 1_000)]
    public int MaxHeaders { get; set; } = 32;

    /// <summary>Most characters of all header names and values together. Default: 8,192. 0 to 60,000.</summary>
    [Between(0, 60_000)]
    public int MaxHeaderBytes { get; set; } = 8 * 1024;

    /// <summary>Deepest nesting of a body, on enqueue and on lease. Default: 64. 1 to 1,000.</summary>
    [Between(1, 1_000)]
    public int MaxDepth { get; set; } = 64;
}

/// <summary>Checks the range of every member of <see cref="MessageOptions"/>; written by the source generator, so that it can be trimmed.</summary>
[OptionsValidator]
internal sealed partial class MessageOptionsCheck : IValidateOptions<MessageOptions>;
