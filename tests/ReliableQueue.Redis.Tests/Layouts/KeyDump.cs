using System.Globalization;
using StackExchange.Redis;

namespace ReliableQueue.Redis.Tests.Layouts;

/// <summary>The keys of a queue as lines of text: the type, the key behind the hash tag, and what is in it, as hexadecimal digits.</summary>
internal static class KeyDump
{
    public static async Task<IReadOnlyList<string>> ReadAsync(IDatabase database, RedisKeys keys)
    {
        List<string> lines = [];
        foreach (var key in keys.All)
        {
            var name = key[(key.IndexOf('}', StringComparison.Ordinal) + 2)..];
            lines.AddRange((await database.KeyTypeAsync(key)) switch
            {
                RedisType.Hash => (await database.HashGetAllAsync(key)).Select(entry => $"hash {name} {Hex(entry.Name)} {Hex(entry.Value)}").Order(StringComparer.Ordinal),
                RedisType.SortedSet => (await database.SortedSetRangeByRankWithScoresAsync(key))
                    .Select(entry => string.Create(CultureInfo.InvariantCulture, $"zset {name} {entry.Score:F0} {Hex(entry.Element)}")),
                RedisType.List => (await database.ListRangeAsync(key)).Select(entry => $"list {name} {Hex(entry)}"),
                _ => [],
            });
        }

        return lines;
    }

    public static async Task WriteAsync(IDatabase database, RedisKeys keys, IEnumerable<string> lines)
    {
        var tag = keys.All[0][..(keys.All[0].IndexOf('}', StringComparison.Ordinal) + 2)];
        foreach (var word in lines.Select(line => line.Split(' ')))
        {
            _ = word[0] switch
            {
                "hash" => await database.HashSetAsync(tag + word[1], Bytes(word[2]), Bytes(word[3])),
                "zset" => await database.SortedSetAddAsync(tag + word[1], Bytes(word[3]), double.Parse(word[2], CultureInfo.InvariantCulture)),
                _ => await database.ListRightPushAsync(tag + word[1], Bytes(word[2])) > 0,
            };
        }
    }

    /// <summary>What of the lines is the layout's and not the story's: types, keys, the names in <c>meta</c>, and how long everything else is.</summary>
    public static IEnumerable<string> ShapeOf(IEnumerable<string> lines) => lines.Select(line => line.Split(' ')).Select(word => (word[0], word[1]) switch
    {
        ("hash", "meta") => $"hash meta {string.Concat(Convert.FromHexString(word[2]).Select(letter => (char)letter))}",
        ("hash", _) => $"hash {word[1]} {word[2].Length / 2} {word[3].Length / 2}",
        ("zset", _) => $"zset {word[1]} {word[3].Length / 2}",
        _ => $"list {word[1]} {word[2].Length / 2}",
    }).Order(StringComparer.Ordinal);

    private static string Hex(RedisValue value) => value.IsNullOrEmpty ? "-" : Convert.ToHexStringLower((byte[]?)value ?? []);

    private static byte[] Bytes(string hex) => hex == "-" ? [] : Convert.FromHexString(hex);
}
