using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using ReliableQueue.Broker;
using ReliableQueue.Setup;
using ReliableQueue.Storage;
using SQLitePCL;

namespace ReliableQueue.Sqlite;

/// <summary>
/// Opens the queue file while the options are checked, so that a path that can never be used is named at start, with its option. A worker waits for a broker that is away,
/// and would wait for such a path without end.
/// </summary>
/// <param name="set">The name of the set.</param>
/// <param name="fullPath">Makes a path of the set absolute.</param>
internal sealed partial class QueueFileCheck(string set, Func<string, string> fullPath) : IValidateOptions<SqliteBrokerOptions>
{
    private static readonly TimeSpan longestWait = TimeSpan.FromSeconds(1);

    public ValidateOptionsResult Validate(string? name, SqliteBrokerOptions options)
    {
        if (name != set || FaultOf(options.Path) is not null)
        {
            return ValidateOptionsResult.Skip;
        }

        var file = new QueueFile(
            new SqliteBrokerOptions { Path = fullPath(options.Path), CallTimeout = longestWait },
            BootId.OfThisMachine,
            new BrokerEnvironment(TimeProvider.System, SystemRandomSource.Instance),
            NullLogger.Instance,
            Migrations.Shipped);
        try
        {
            file.Connect().Dispose();
            return ValidateOptionsResult.Success;
        }
        catch (BrokerException fault) when (fault.Fault == BrokerFault.Refused || fault.InnerException is SqliteFailure { Kind: raw.SQLITE_IOERR })
        {
            var key = set.Length == 0 ? "ReliableQueue:Sqlite:Path" : $"ReliableQueue:Sets:{set}:Sqlite:Path";
            return ValidateOptionsResult.Fail(
                $"Path ({options.Path}) of the SQLite broker{OptionsOwner.Of(typeof(SqliteBrokerOptions), name)} cannot be used. {fault.Message} The path comes from UseSqlite or from {key} (environment variable {key.Replace(":", "__", StringComparison.Ordinal)}).");
        }
        catch (BrokerException)
        {
            // Busy, or on a full disk: that passes, and the worker waits for it. What cannot be read at all, a device for example, stays so.
            return ValidateOptionsResult.Success;
        }
    }

    /// <summary>What is wrong with a path as it is written, and what to write instead; null when nothing is.</summary>
    public static string? FaultOf(string? path)
    {
        if (string.IsNullOrWhiteSpace(path))
        {
            return "must name a file";
        }

        var (kind, file) = ConnectionString().Match(path) is { Success: true } match ? ("a connection string", match.Groups["file"].Value.Trim())
            : Uri().IsMatch(path) ? ("a URI", Uri().Match(path).Groups["file"].Value)
            : OtherUri().IsMatch(path) ? ("a URI", "")
            : Keywords().Match(path) is { Success: true } rest ? ("a connection string", rest.Groups["file"].Value.Trim())
            : ("", path);
        return file.Equals(":memory:", StringComparison.OrdinalIgnoreCase) || path.Contains("mode=memory", StringComparison.OrdinalIgnoreCase)
                ? "names a database in memory, which one connection alone would see and nobody after it; write a file name, for example \"state/queue.db\". Tests use the broker of the package ReliableQueue.Testing"
            : kind.Length > 0 ? $"is {kind}; write the name of the file alone{(file.Length > 0 ? $": \"{file}\"" : "")}"
            : path.EndsWith('/') || path.EndsWith(Path.DirectorySeparatorChar) ? $"names a directory; write the name of a file in it, for example \"{path}queue.db\""
            : path.Contains('\0', StringComparison.Ordinal) ? "holds a character that no path can have"
            : null;
    }

    [GeneratedRegex(@"\Afile:(?://)?(?<file>[^?#]*)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Uri();

    [GeneratedRegex(@"\A[a-z][a-z0-9+.-]+://", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex OtherUri();

    /// <summary>A file name with keywords of a connection string behind it.</summary>
    [GeneratedRegex(@"\A(?<file>[^;]*);\s*(?:mode|cache|password|foreign keys|recursive triggers|default timeout|pooling|vfs|version|journal mode)\s*=", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Keywords();

    /// <summary>A keyword of a connection string at its beginning, and the file if one is named.</summary>
    [GeneratedRegex(@"\A\s*(?:[A-Za-z ]+=[^;]*;\s*)*(?:data\s?source|filename)\s*=\s*(?<file>[^;]*)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ConnectionString();
}
