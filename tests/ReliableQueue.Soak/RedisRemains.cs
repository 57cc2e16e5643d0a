using System.Globalization;
using System.Text.RegularExpressions;
using ReliableQueue.TestKit;

namespace ReliableQueue.Soak;

/// <summary>What a queue at rest has left in Redis, and what of it should not be there.</summary>
internal static partial class RedisRemains
{
    private const string Tag = "{rq:orders}:";

    // docs/redis-layout.md: of the others each is a list or a set of messages that wait or are leased, and Redis keeps no empty ones.
    private static readonly string[] records = ["meta", "calls", "messages", "deliveries", "dead", "dead:why", "workers", "workers:said"];

    /// <param name="redis">The server that has the queue.</param>
    /// <param name="pattern">Which keys are looked at.</param>
    /// <param name="deadLetters">How many dead letters there are; no other message may be left.</param>
    /// <param name="starts">How many processes were started on it.</param>
    public static async Task<StoreState> InspectAsync(RedisServer redis, string pattern, long deadLetters, int starts)
    {
        var keys = KeyName().Matches(await redis.CommandAsync("KEYS", pattern)).Select(match => match.Value).Order(StringComparer.Ordinal).ToList();
        var (messages, deliveries, calls) = (await CountAsync("HLEN", "messages"), await CountAsync("HLEN", "deliveries"), await CountAsync("HLEN", "calls"));
        var (dead, why) = (await CountAsync("ZCARD", "dead"), await CountAsync("HLEN", "dead:why"));
        // In one command, because a worker that has just come may announce itself between two.
        var workers = await redis.CommandAsync("EVAL", "return redis.call('ZCARD', KEYS[1]) .. ' ' .. redis.call('HLEN', KEYS[2])", "2", Tag + "workers", Tag + "workers:said");
        var (listed, said) = workers.Split("\r\n")[1].Split(' ') is [var first, var second] ? (Number(first), Number(second)) : throw new FormatException(workers);
        List<string> faults = [.. keys.Except(records.Select(record => Tag + record)).Select(key => $"Redis still holds {key}")];
        if (messages != deadLetters || deliveries > deadLetters || dead != deadLetters || why != deadLetters)
        {
            faults.Add($"{messages} envelopes, {deliveries} counts, {dead} dead and {why} reasons are left next to {deadLetters} dead letters");
        }

        // A worker run leaves its lane for a day and the mark that it was returned for thirty; a producer has some lanes.
        if (calls > 2 * starts + 64)
        {
            faults.Add($"{calls} call records after {starts} starts");
        }

        // Workers that run are listed, and for three minutes those that were killed and have no successor.
        if (listed != said || listed > starts)
        {
            faults.Add($"{listed} workers are listed and {said} of them described after {starts} starts");
        }

        return new StoreState(string.Create(CultureInfo.InvariantCulture, $"{keys.Count} keys, {messages} envelopes of dead letters, {calls} call records"), faults);

        async Task<long> CountAsync(string command, string key) => Number((await redis.CommandAsync(command, Tag + key)).AsSpan(1).Trim());

        static long Number(ReadOnlySpan<char> text) => long.Parse(text, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"^\{rq:[^\r\n]+|^[a-z][^\r\n]*", RegexOptions.Multiline)]
    private static partial Regex KeyName();
}
