namespace ReliableQueue.Messages;

/// <summary>The largest message, checked when enqueuing and again when leasing, because somebody else may write to the broker.</summary>
internal sealed record MessageLimits(int MaxBodyBytes, int MaxHeaders, int MaxHeaderBytes)
{
    public const int MaxHeaderKeyLength = 128;

    public string? FaultOfBody(int bytes) =>
        bytes > MaxBodyBytes ? $"The body is {bytes} bytes; the limit is {MaxBodyBytes} (MaxBodyBytes)." : null;

    public string? FaultOfHeaders(IReadOnlyDictionary<string, string> headers)
    {
        if (headers.Count == 0)
        {
            return null;
        }

        if (headers.Count > MaxHeaders)
        {
            return $"There are {headers.Count} headers; the limit is {MaxHeaders} (MaxHeaders).";
        }

        var bytes = 0;
        foreach (var (key, value) in headers)
        {
            bytes += key.Length + value.Length;
            if (key.Length is 0 or > MaxHeaderKeyLength || key.AsSpan().ContainsAnyExceptInRange('!', '~'))
            {
                return $"A header name must be 1 to {MaxHeaderKeyLength} visible ASCII characters; one has {key.Length} characters or others than these.";
            }

            if (value.AsSpan().IndexOfAny('\r', '\n', '\0') >= 0)
            {
                return $"The value of header '{key}' holds a line break or a zero character.";
            }
        }

        return bytes > MaxHeaderBytes ? $"The headers are {bytes} characters together; the limit is {MaxHeaderBytes} (MaxHeaderBytes)." : null;
    }
}
