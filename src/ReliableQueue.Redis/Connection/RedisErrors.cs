using System.Globalization;
using System.Security.Authentication;
using System.Text.RegularExpressions;
using ReliableQueue.Broker;
using StackExchange.Redis;

namespace ReliableQueue.Redis;

/// <summary>What an error, of the server by its text or of the client by its kind, says about the call.</summary>
internal static partial class RedisErrors
{
    // Written by the server before it began, or by the first write of a script, which is then refused whole. The last three are the client's words for a redirect that it does
    // not follow.
    private static readonly string[] notApplied =
    [
        "LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "BUSY", "NOREPLICAS", "MISCONF", "MOVED", "ASK", "NOSCRIPT",
        "ERR max number of clients", "Endpoint ", "Key has MOVED", "The server redirected",
    ];

    private static readonly string[] refused =
    [
        "NOAUTH", "WRONGPASS", "NOPERM", "WRONGTYPE", "RQVERSION", "ERR invalid password", "ERR AUTH", "ERR invalid DB index", "ERR DB index",
        "ERR unknown command", "ERR Client sent AUTH",
    ];

    private static readonly string[] raisedAgain = ["WRONGTYPE ", "OOM "];

    /// <summary>What is known about a call that ended with this exception.</summary>
    /// <param name="fault">What the client threw.</param>
    /// <param name="wasConnected">
    /// Whether the server could be reached when the call was made. One of our connections sends nothing later: what is not sent at once fails at once.
    /// </param>
    public static BrokerFault FaultOf(Exception fault, bool wasConnected) => fault switch
    {
        RedisServerException server => FaultOf(server.Message),
        // The client did not begin to write it, and gives up what it did not write.
        RedisConnectionException { CommandStatus: CommandStatus.WaitingToBeSent or CommandStatus.WaitingInBacklog } => BrokerFault.NotApplied,
        RedisTimeoutException { Commandstatus: CommandStatus.WaitingToBeSent or CommandStatus.WaitingInBacklog } => BrokerFault.NotApplied,
        // There was no connection to write it to, or the server told the client to go elsewhere and elsewhere is nobody.
        RedisConnectionException
        {
            CommandStatus: CommandStatus.Unknown,
            FailureType: ConnectionFailureType.UnableToConnect or ConnectionFailureType.UnableToResolvePhysicalConnection,
        } => BrokerFault.NotApplied,
        // The client itself refuses the command. A replica is what it may know in the place of a primary during a fail-over.
        RedisCommandException refusal => refusal.Message.Contains("replica", StringComparison.OrdinalIgnoreCase) ? BrokerFault.NotApplied : BrokerFault.Refused,
        // The client also cancels what it had sent, when it leaves a connection that hangs.
        OperationCanceledException => wasConnected ? BrokerFault.Unknown : BrokerFault.NotApplied,
        _ => BrokerFault.Unknown,
    };

    /// <summary>What keeps a connection from being made, when it is nothing that waiting mends: a certificate, a password, a right.</summary>
    public static Exception? RefusalIn(Exception? reason) => reason is null ? null : Causes(reason).LastOrDefault(IsRefusal);

    /// <summary>The text of a <see cref="RefusalIn">refusal</see>, as the server or the platform said it.</summary>
    public static string TextOf(Exception refusal) =>
        refusal is AuthenticationException ? "TLS failed, and nothing was sent. " + refusal.Message : ServerText(refusal.Message);

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

    private static bool IsRefusal(Exception cause) => cause is AuthenticationException || FaultOf(ServerText(cause.Message)) == BrokerFault.Refused;

    /// <summary>The client puts the kind of the reply before what the server said while it signs in: <c>SimpleError: NOAUTH Authentication…</c>.</summary>
    private static string ServerText(string text) => text[(ReplyKind().Match(text) is { Success: true } kind ? kind.Length : 0)..];

    [GeneratedRegex(@"\A\w*Error: ")]
    private static partial Regex ReplyKind();

    /// <summary>The exception and all that it names as its causes, outermost first.</summary>
    private static IEnumerable<Exception> Causes(Exception fault) =>
        (fault is AggregateException many ? many.InnerExceptions.AsEnumerable() : fault.InnerException is { } inner ? [inner] : []).SelectMany(Causes).Prepend(fault);

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
