using System.Diagnostics;
using ReliableQueue.Messages;

namespace ReliableQueue.Producing;

/// <summary>Adds the W3C trace context of the current activity to a message's headers. Baggage is left out: it may be private, and a queue keeps it for days.</summary>
internal static class TraceHeaders
{
    public const string Parent = "traceparent";
    public const string State = "tracestate";

    /// <summary>The headers with the context added; unchanged when there is none, when the caller set one, or when it would exceed the limits.</summary>
    public static IReadOnlyDictionary<string, string> AddTo(IReadOnlyDictionary<string, string> headers, MessageLimits limits)
    {
        if (Activity.Current is not { } activity || headers.ContainsKey(Parent))
        {
            return headers;
        }

        var extended = new Dictionary<string, string>(headers, StringComparer.Ordinal);
        DistributedContextPropagator.Current.Inject(activity, extended, static (carrier, name, value) =>
        {
            if (name is Parent or State && carrier is Dictionary<string, string> fields)
            {
                fields.TryAdd(name, value);
            }
        });
        return limits.FaultOfHeaders(extended) is null ? extended : headers;
    }
}
