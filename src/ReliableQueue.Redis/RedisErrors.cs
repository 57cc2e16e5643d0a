using ReliableQueue.Broker;

namespace ReliableQueue.Redis;

/// <summary>What an error text of the server says about the call.</summary>
internal static class RedisErrors
{
    // Written by the server before it began, or by the first write of a script, which is then refused whole.
    private static readonly string[] notApplied =
    [
        "LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "BUSY", "NOREPLICAS", "MISCONF", "MOVED", "ASK", "NOSCRIPT",
        "ERR max number of clients", "Endpoint ",
    ];

    private static readonly string[] refused =
    [
        "NOAUTH", "WRONGPASS", "NOPERM", "WRONGTYPE", "RQVERSION", "ERR invalid password", "ERR AUTH", "ERR invalid DB index", "ERR DB index",
        "ERR unknown command", "ERR Client sent AUTH",
    ];

    public static BrokerFault FaultOf(string text)
    {
        var code = CodeOf(text).ToString();
        if (code.StartsWith("OOM", StringComparison.Ordinal))
        {
            return BrokerFault.Full;
        }

        if (notApplied.Any(known => code.StartsWith(known, StringComparison.Ordinal)))
        {
            return BrokerFault.NotApplied;
        }

        // Anything else may have stopped a script half-way, and only the repetition of the call tells.
        return refused.Any(known => code.StartsWith(known, StringComparison.Ordinal)) ? BrokerFault.Refused : BrokerFault.Unknown;
    }

    public static bool IsUnknownScript(string text) => text.StartsWith("NOSCRIPT", StringComparison.Ordinal);

    /// <summary>Redis 6.2 wraps what a script's call answered: <c>ERR Error running script (call to f_…): @user_script:12: -OOM command not…</c>.</summary>
    private static ReadOnlySpan<char> CodeOf(string text)
    {
        var wrapped = text.StartsWith("ERR Error running script", StringComparison.Ordinal) ? text.IndexOf("@user_script", StringComparison.Ordinal) : -1;
        if (wrapped < 0)
        {
            return text;
        }

        var inner = text.AsSpan(wrapped + "@user_script".Length);
        return inner.TrimStart(":0123456789 -");
    }
}
