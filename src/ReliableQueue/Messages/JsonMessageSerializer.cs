using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;

namespace ReliableQueue.Messages;

/// <summary>
/// Bodies as JSON. A type found in one of the contexts is written with that context's own options (naming, converters); any other by reflection, where the
/// application allows it. Reading is strict about what nobody sends on purpose (trailing bytes, duplicate properties, a byte order mark, text that is not UTF-8) and
/// lenient about unknown properties, which a newer producer sends during a rolling deployment.
/// </summary>
internal sealed class JsonMessageSerializer : IMessageSerializer
{
    // One writer per thread and depth limit: making one per message costs more than writing the message.
    [ThreadStatic]
    private static (int MaxDepth, Utf8JsonWriter? Writer) cached;

    private readonly int maxDepth;
    private readonly List<JsonSerializerOptions> sources = [];

    public JsonMessageSerializer(IEnumerable<JsonSerializerContext> contexts, int maxDepth)
    {
        this.maxDepth = maxDepth;
        sources.AddRange(contexts.Select(context => Strict(new JsonSerializerOptions(context.Options) { TypeInfoResolver = context })));

        if (MayReflect)
        {
            sources.Add(Strict(new JsonSerializerOptions { TypeInfoResolver = new DefaultJsonTypeInfoResolver() }));
        }
    }

    // The platform's own switch. Trimming turns it off and then removes what it guards; a type without a context is refused at start.
    [FeatureSwitchDefinition("System.Text.Json.JsonSerializer.IsReflectionEnabledByDefault")]
    [FeatureGuard(typeof(RequiresUnreferencedCodeAttribute))]
    [FeatureGuard(typeof(RequiresDynamicCodeAttribute))]
    private static bool MayReflect => JsonSerializer.IsReflectionEnabledByDefault;

    public string? FaultOf<TMessage>()
    {
        try
        {
            return Find<TMessage>() is not null ? null : $"Message type {typeof(TMessage)} is in no JsonSerializerContext: add it to one and call AddJsonContext(YourContext.Default).";
        }
        catch (Exception exception) when (exception is InvalidOperationException or NotSupportedException or ArgumentException)
        {
            return $"Message type {typeof(TMessage)} cannot be written as JSON: {exception.Message}";
        }
    }

    public void Write<TMessage>(TMessage message, IBufferWriter<byte> body)
    {
        try
        {
            var writer = TakeWriter(body);
            JsonSerializer.Serialize(writer, message, Find<TMessage>() ?? throw new NotSupportedException(FaultOf<TMessage>()));
            writer.Flush();
            cached = (maxDepth, writer);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // Getters and converters are the user's: they throw anything. The writer, half-way through a message, is not put back.
            throw new MessageSerializationException(typeof(TMessage), exception);
        }
    }

    public TMessage Read<TMessage>(ReadOnlyMemory<byte> body)
    {
        var bytes = body.Span;
        if (bytes.StartsWith("\uFEFF"u8))
        {
            throw new MessageUnreadableException("The body begins with a byte order mark.");
        }

        if (!Utf8.IsValid(bytes))
        {
            throw new MessageUnreadableException("The body is not valid UTF-8.");
        }

        return ReadJson<TMessage>(bytes) ?? throw new MessageUnreadableException("The body is the JSON literal null.");
    }

    private TMessage? ReadJson<TMessage>(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, Find<TMessage>() ?? throw new NotSupportedException());
        }
        catch (JsonException exception)
        {
            // Neither its text nor its path: both quote the body. The place alone finds the fault.
            throw new MessageUnreadableException(
                $"The body is not a {typeof(TMessage).Name} in JSON: see line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}.")
            {
                IsOfAnotherShape = IsJson(bytes),
            };
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // A constructor, setter or converter of the user's refused what it was given.
            throw new MessageUnreadableException($"The body could not be made a {typeof(TMessage).Name}: {exception.GetType().Name}.") { IsOfAnotherShape = IsJson(bytes) };
        }
    }

    /// <summary>Whether the body is one JSON value to its end, whatever is in it.</summary>
    private bool IsJson(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = maxDepth });
            var isValue = false;
            while (reader.Read())
            {
                isValue = true;
            }

            return isValue;
        }
        catch (JsonException)
        {
            // The answer, not a fault: the caller throws what it found itself.
            return false;
        }
    }

    private JsonTypeInfo<TMessage>? Find<TMessage>()
    {
        foreach (var source in sources)
        {
            if (source.TryGetTypeInfo(typeof(TMessage), out var found))
            {
                return (JsonTypeInfo<TMessage>)found;
            }
        }

        return null;
    }

    // Taken out while in use: a getter that enqueues would otherwise write into the middle of this message.
    private Utf8JsonWriter TakeWriter(IBufferWriter<byte> body)
    {
        var (depth, writer) = cached;
        cached = default;
        if (writer is null || depth != maxDepth)
        {
            return new Utf8JsonWriter(body, new JsonWriterOptions { MaxDepth = maxDepth });
        }

        writer.Reset(body);
        return writer;
    }

    private JsonSerializerOptions Strict(JsonSerializerOptions options)
    {
        options.MaxDepth = maxDepth;
        options.AllowDuplicateProperties = false;
        options.MakeReadOnly();
        return options;
    }
}
