using StackExchange.Redis;
using Xunit;

namespace ReliableQueue.Redis.Tests.Scripts;

/// <summary>Looks at the keys of a queue themselves: where each message is, and what belongs to none.</summary>
internal sealed class Places(IDatabase database, RedisKeys keys)
{
    private RedisKey Leases => keys.Lease[0];

    private RedisKey Messages => keys.Lease[1];

    private RedisKey Deliveries => keys.Lease[2];

    private RedisKey Dead => keys.Lease[7];

    private RedisKey Why => keys.Lease[8];

    /// <summary>Each envelope is in one place: in one list, once; or scheduled; or under one lease that holds; or dead.</summary>
    public async Task AssertOneEachAsync(string when)
    {
        var places = (await database.HashKeysAsync(Messages)).ToDictionary(Hex, _ => new List<string>());
        void Add(string id, string place)
        {
            if (places.TryGetValue(id, out var found))
            {
                found.Add(place);
            }
        }

        foreach (var (list, name) in new[] { (3, "ready"), (4, "again"), (5, "suspects") })
        {
            foreach (var id in await database.ListRangeAsync(keys.Lease[list]))
            {
                // Dead-lettered by a late answer: what is left in the list is passed over.
                var isOver = await database.SortedSetScoreAsync(Dead, id) is not null && !await database.HashExistsAsync(Deliveries, id);
                Add(Hex(id), isOver ? "listed no more" : name);
            }
        }

        Array.ForEach(await database.SortedSetRangeByRankAsync(keys.Lease[6]), id => Add(Hex(id), "scheduled"));
        Array.ForEach(await database.SortedSetRangeByRankAsync(Dead), id => Add(Hex(id), "dead"));
        foreach (var member in await database.SortedSetRangeByRankAsync(Leases))
        {
            var bytes = (byte[]?)member ?? [];
            var record = (byte[]?)await database.HashGetAsync(Deliveries, bytes[..16]);
            Add(Hex(bytes[..16]), record is null || record.AsSpan(12).SequenceEqual((byte[])[(byte)'H', .. bytes[16..]]) ? "leased" : "leased no more");
        }

        Assert.All(places, place => Assert.True(
            place.Value.Count(name => !name.EndsWith("no more", StringComparison.Ordinal)) == 1, $"{when}: {place.Key} is in [{string.Join(", ", place.Value)}]"));
    }

    /// <summary>When every message is acked or dead, nothing else is left in any key.</summary>
    public async Task AssertNothingLeftOverAsync(string when)
    {
        var dead = (await database.SortedSetRangeByRankAsync(Dead)).Select(id => Hex(id)).Order().ToArray();
        Assert.True(dead.SequenceEqual((await database.HashKeysAsync(Messages)).Select(id => Hex(id)).Order()), $"{when}: envelopes that are not dead letters");
        Assert.True(dead.SequenceEqual((await database.HashKeysAsync(Why)).Select(id => Hex(id)).Order()), $"{when}: reasons that are not of dead letters");
        foreach (var key in keys.Lease[..1].Concat(keys.Lease[2..7]).Append(keys.Lease[11]))
        {
            Assert.False(await database.KeyExistsAsync(key), $"{when}: something is left in {key}");
        }
    }

    /// <summary>Everything in the keys of the queue that is of messages, whatever the order in which Redis keeps it.</summary>
    public async Task<string> ContentsAsync()
    {
        List<string> lines = [];
        foreach (var key in keys.All)
        {
            lines.AddRange((await database.KeyTypeAsync(key)) switch
            {
                RedisType.Hash => (await database.HashGetAllAsync(key)).Select(entry => $"{key} {Hex(entry.Name)} {Hex(entry.Value)}"),
                RedisType.SortedSet => (await database.SortedSetRangeByRankWithScoresAsync(key)).Select(entry => $"{key} {Hex(entry.Element)} {entry.Score}"),
                RedisType.List => (await database.ListRangeAsync(key)).Select((id, index) => $"{key} {index} {Hex(id)}"),
                _ => [],
            });
        }

        return string.Join('\n', lines.Order(StringComparer.Ordinal));
    }

    private static string Hex(RedisValue id) => Convert.ToHexStringLower((byte[]?)id ?? []);
}
