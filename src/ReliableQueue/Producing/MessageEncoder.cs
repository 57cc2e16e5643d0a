using System.Buffers;
using System.Collections.ObjectModel;
using System.Diagnostics;
using ReliableQueue.Broker;
using ReliableQueue.Messages;

namespace ReliableQueue.Producing;

/// <summary>Checks a message and makes its stored form; whatever is wrong with it is thrown here, before anything is sent.</summary>
internal sealed class MessageEncoder(MessageTypes types, IMessageSerializer serializer, MessageLimits limits, TimeProvider time, IReadOnlyList<IEnqueueMiddleware> middleware)
{
    private const int LargestKept = 1 << 20;

    private static readonly TimeSpan LongestDelay = TimeSpan.FromDays(365);

    // Bodies are written here and copied out once; a buffer per message would be garbage as large as the message.
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? buffer;

    /// <summary>The headers of a call of the user, checked, with those of the middleware and the trace context.</summary>
    public IReadOnlyDictionary<string, string> HeadersOf<TMessage>(string queue, EnqueueOptions? options)
    {
        var headers = options?.Headers ?? ReadOnlyDictionary<string, string>.Empty;
        if (limits.FaultOfHeaders(headers) is { } fault)
        {
            throw new ArgumentException(fault, nameof(options));
        }

        return TraceHeaders.AddTo(middleware.Count == 0 ? headers : Extended(new EnqueueContext(queue, types.NameOf(typeof(TMessage)), headers)), limits);
    }

    /// <summary>The facts among a caller's options that the broker must know. The only place where options become terms.</summary>
    public static MessageTerms? TermsOf(EnqueueOptions? options) =>
        options is not { Delay: var delay } || delay == TimeSpan.Zero ? null
            : delay > TimeSpan.Zero && delay <= LongestDelay ? new MessageTerms { Delay = delay }
            : throw new ArgumentOutOfRangeException(nameof(options), delay, "EnqueueOptions.Delay must be from 0 to 365 days.");

    public byte[] Encode<TMessage>(TMessage message, IReadOnlyDictionary<string, string> headers)
    {
        if (message is null)
        {
            throw new ArgumentNullException(nameof(message));
        }

        var type = types.NameOf(typeof(TMessage));
        var body = buffer ?? new ArrayBufferWriter<byte>(1024);

        // Taken out while in use: a getter of the message may enqueue, too.
        buffer = null;
        body.ResetWrittenCount();
        serializer.Write(message, body);
        if (body.WrittenCount > limits.MaxBodyBytes)
        {
            throw new MessageTooLargeException(typeof(TMessage), body.WrittenCount, limits.MaxBodyBytes);
        }

        var bytes = EnvelopeCodec.Encode(new Envelope(time.GetUtcNow(), type, headers, body.WrittenMemory));
        buffer = body.Capacity <= LargestKept ? body : null;
        return bytes;
    }

    private IReadOnlyDictionary<string, string> Extended(EnqueueContext context)
    {
        foreach (var step in middleware)
        {
            step.OnEnqueue(context);
            if (limits.FaultOfHeaders(context.Headers) is { } fault)
            {
                throw new InvalidOperationException($"After the middleware {step.GetType()} the headers of a message cannot be sent. {fault}");
            }
        }

        return context.Headers;
    }
}

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
