using System.Buffers;
using System.Text;

namespace ReliableQueue.Messages;

/// <summary>The largest message, checked when enqueuing and again when leasing, because somebody else may write to the broker.</summary>
internal sealed record MessageLimits(int MaxBodyBytes, int MaxHeaders, int MaxHeaderBytes)
{
    public const int MaxHeaderKeyLength = 128;

    public string? FaultOfBody(int bytes) =>
        bytes > MaxBodyBytes ? $"The body is {bytes} bytes; the limit is {MaxBodyBytes} (MaxBodyBytes)." : null;

    public string? FaultOfHeaderCount(int count) =>
        count > MaxHeaders ? $"There are {count} headers; the limit is {MaxHeaders} (MaxHeaders)." : null;

    public string? FaultOfHeaders(IReadOnlyDictionary<string, string> headers)
    {
        if (headers.Count == 0)
        {
            return null;
        }

        if (FaultOfHeaderCount(headers.Count) is { } tooMany)
        {
            return tooMany;
        }

        var bytes = 0;
        foreach (var (key, value) in headers)
        {
            if (key.Length is 0 or > MaxHeaderKeyLength || key.AsSpan().ContainsAnyExceptInRange('!', '~'))
            {
                return $"A header name must be 1 to {MaxHeaderKeyLength} visible ASCII characters; one has {key.Length} characters or others than these.";
            }

            if (value is null)
            {
                return $"The value of header '{key}' is null; leave the header out instead.";
            }

            bytes += key.Length + value.Length;
            if (value.AsSpan().IndexOfAny('\r', '\n', '\0') >= 0)
            {
                return $"The value of header '{key}' holds a line break or a zero character.";
            }

            if (!IsStorable(value))
            {
                return $"The value of header '{key}' holds half a surrogate pair or is longer than {ushort.MaxValue} bytes in UTF-8.";
            }
        }

        return bytes > MaxHeaderBytes ? $"The headers are {bytes} characters together; the limit is {MaxHeaderBytes} (MaxHeaderBytes)." : null;
    }

    // The envelope counts the length in 16 bits; half a pair has no UTF-8.
    private static bool IsStorable(string value)
    {
        if (Ascii.IsValid(value))
        {
            return value.Length <= ushort.MaxValue;
        }

        var bytes = 0;
        for (var rest = value.AsSpan(); !rest.IsEmpty;)
        {
            if (Rune.DecodeFromUtf16(rest, out var rune, out var read) != OperationStatus.Done)
            {
                return false;
            }

            bytes += rune.Utf8SequenceLength;
            rest = rest[read..];
        }

        return bytes <= ushort.MaxValue;
    }
}
