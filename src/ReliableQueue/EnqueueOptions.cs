namespace ReliableQueue;

/// <summary>What goes with a message.</summary>
public sealed class EnqueueOptions
{
    /// <summary>
    /// Names and values the handler reads in <c>MessageContext.Headers</c>. Default: null, none. Names: 1 to 128 visible ASCII characters, case-sensitive; values: any
    /// text without line breaks; limits: <c>MaxHeaders</c>, <c>MaxHeaderBytes</c>. <c>traceparent</c> and <c>tracestate</c> are added from the current activity unless given here.
    /// </summary>
    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    /// <summary>
    /// How long the message waits in the broker before its first delivery, by the broker's clock: zero to 365 days. Default: zero, it is ready at once. When it is due it goes before messages
    /// that were never delivered, because it has waited. Outside the range: <see cref="ArgumentOutOfRangeException"/>.
    /// </summary>
    public TimeSpan Delay { get; init; }
}
