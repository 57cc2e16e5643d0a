using System.Globalization;
using System.Text.RegularExpressions;
using ReliableQueue.Broker;

namespace ReliableQueue.Redis;

/// <summary>What an error text of the server says about the call.</summary>
internal static partial class RedisErrors
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

    private static readonly string[] raisedAgain = ["WRONGTYPE ", "OOM "];

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

    /// <summary>
    /// What the role lacks when a script met a command it may not run. Older servers name only the line, and nobody knows the script by its lines. Not a refusal: what the
    /// script did before that line is done.
    /// </summary>
    public static string? LackOf(RedisScript script, string text)
    {
        var at = text.Contains("The user executing the script can't", StringComparison.Ordinal) ? LineNumber().Match(text) : Match.Empty;
        if (!at.Success || !int.TryParse(at.Groups["line"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var line))
        {
            return null;
        }

        var commands = RedisScript.CommandsIn(script.Text.Split('\n').ElementAtOrDefault(line - 1) ?? "");
        if (commands.Count == 0)
        {
            // The line that took back what was done, and raised the error again.
            commands = RedisScript.CommandsIn(script.Text);
        }

        return $"The user lacks the right to {string.Join(" or ", commands)} in the script '{script.Name}', or to one of its keys: see ACL SETUSER in docs/operations.md.";
    }

    [GeneratedRegex(@"@?user_script: ?(?<line>\d+)", RegexOptions.RightToLeft)]
    private static partial Regex LineNumber();

    /// <summary>
    /// Redis 6.2 wraps what a script's call answered: <c>ERR Error running script (call to f_…): @user_script:12: -OOM command not…</c>. Later ones put <c>ERR</c> before
    /// what a script raises again after it took back what it had done.
    /// </summary>
    private static ReadOnlySpan<char> CodeOf(string text)
    {
        var wrapped = text.StartsWith("ERR Error running script", StringComparison.Ordinal) ? text.IndexOf("@user_script", StringComparison.Ordinal) : -1;
        if (wrapped < 0)
        {
            return Array.Exists(raisedAgain, code => text.StartsWith("ERR " + code, StringComparison.Ordinal)) ? text.AsSpan("ERR ".Length) : text;
        }

        var inner = text.AsSpan(wrapped + "@user_script".Length);
        return inner.TrimStart(":0123456789 -");
    }
}
