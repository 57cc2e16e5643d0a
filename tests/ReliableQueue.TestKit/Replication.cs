using System.Globalization;
using System.Text.RegularExpressions;

namespace ReliableQueue.TestKit;

/// <summary>What a primary says of its one replica.</summary>
public static class Replication
{
    /// <summary>Waits until the replica is connected and follows.</summary>
    public static Task BegunAsync(RedisServer primary) => Eventually.TrueAsync(
        async () => (await SaidByAsync(primary)).Contains("state=online", StringComparison.Ordinal), "the replica follows", TimeSpan.FromSeconds(60));

    /// <summary>Waits until everything the primary acknowledged so far is on the replica too.</summary>
    public static async Task CaughtUpAsync(RedisServer primary)
    {
        var written = OffsetOf(await SaidByAsync(primary), "master_repl_offset:");
        await Eventually.TrueAsync(async () => OffsetOf(await SaidByAsync(primary), ",offset=") >= written, "the replica has what was written");
    }

    private static Task<string> SaidByAsync(RedisServer primary)
    {
        ArgumentNullException.ThrowIfNull(primary);
        return primary.CommandAsync("INFO", "replication");
    }

    private static long OffsetOf(string said, string name) =>
        long.Parse(Regex.Match(said, Regex.Escape(name) + "([0-9]+)").Groups[1].Value, CultureInfo.InvariantCulture);
}
