using System.Text;
using ReliableQueue.Broker;
using ReliableQueue.TestKit;
using Xunit;

namespace ReliableQueue.Redis.Tests.Security;

/// <summary>No name that is accepted reaches into another queue, and none becomes a part of a script.</summary>
public sealed class KeyTests
{
    // Everything allowed and everything that has a meaning in a key, a pattern, a script or a path.
    private const string Letters = "ab01._-AZ {}:*?[]\\/\r\n\0é\u202Eａ\uD800'\"";

    [Fact]
    public void No_two_accepted_pairs_of_prefix_and_queue_share_a_key()
    {
        var random = new Random(20261122);
        Dictionary<string, string> owners = new(StringComparer.Ordinal);
        var accepted = 0;
        for (var round = 0; round < 60_000; round++)
        {
            var (prefix, name) = (Word(random), Word(random));
            if (!RedisKeys.IsPrefix(prefix) || Parse(name) is not { } queue)
            {
                continue;
            }

            accepted++;
            var pair = $"{prefix}\n{name}";
            foreach (var key in KeysOf(new RedisKeys(prefix, queue)))
            {
                Assert.True(owners.TryAdd(key, pair) || owners[key] == pair, $"'{pair}' and '{owners[key]}' share {key}.");
            }
        }

        Assert.True(accepted > 5_000, $"Only {accepted} pairs were accepted.");
    }

    [Fact]
    public void All_keys_of_a_queue_are_in_one_slot()
    {
        Assert.Equal(0x31C3, Crc16("123456789"u8));
        var random = new Random(7);
        HashSet<int> slots = [];
        for (var round = 0; round < 1_000; round++)
        {
            var keys = new RedisKeys("p" + random.Next(), QueueName.Parse("q" + random.Next()));
            slots.Add(Assert.Single(KeysOf(keys).Select(Slot).Distinct()));
        }

        Assert.True(slots.Count > 900, "Queues spread over the slots.");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("Orders")]
    [InlineData("a b")]
    [InlineData("a{b}")]
    [InlineData("a:b")]
    [InlineData("a*")]
    [InlineData("../x")]
    [InlineData("a\r\nb")]
    [InlineData("a\n")]
    [InlineData("a\0b")]
    [InlineData("é")]
    [InlineData("ａ")]
    [InlineData("a\u202Eb")]
    [InlineData("a\uD800")]
    [InlineData("a'; DROP TABLE message; --")]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345")]
    public void A_name_that_breaks_the_rule_is_refused_as_queue_and_as_prefix_and_shown_harmless(string? name)
    {
        Assert.False(RedisKeys.IsPrefix(name));
        var refused = Assert.Throws<ArgumentException>(() => QueueName.Parse(name));
        Assert.Contains("a-z, 0-9", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(refused.Message, letter => char.IsControl(letter) || letter == '\u202E' || char.IsSurrogate(letter));
        Assert.True(refused.Message.Length < 700);
        var fault = Assert.Single(RedisBrokerOptionsTests.FaultsOf(new RedisBrokerOptions { Configuration = "localhost", Prefix = name ?? "" }));
        Assert.DoesNotContain(fault, letter => char.IsControl(letter) || letter == '\u202E' || char.IsSurrogate(letter));
    }

    [Fact]
    public async Task No_script_is_made_of_data()
    {
        await using var server = await RedisServer.StartAsync();
        foreach (var prefix in new[] { "rq", "return", "a.b-c_d" })
        {
            await using var broker = RedisBroker.Open(new RedisBrokerOptions { Configuration = server.Configuration, Prefix = prefix, CallTimeout = TimeSpan.FromSeconds(10) });
            foreach (var name in new[] { "emails", "redis.call", "0-end" })
            {
                await UseAsync(new TestQueue(broker, name));
            }
        }

        // The server keeps every script it was ever sent: what it knows is what this assembly ships, and nothing more.
        var known = await server.CommandAsync(["SCRIPT", "EXISTS", .. RedisScripts.Shipped.All.Select(script => Convert.ToHexStringLower(script.Hash))]);
        var count = RedisScripts.Shipped.All.Count();
        Assert.Equal($"*{count}\r\n{string.Concat(Enumerable.Repeat(":1\r\n", count))}", known);
        Assert.Contains($"number_of_cached_scripts:{count}\r\n", await server.CommandAsync("INFO", "memory"), StringComparison.Ordinal);
        Assert.All(RedisScripts.Shipped.All, script => Assert.Equal(RedisScript.Load(script.Name).Text, script.Text));
    }

    [Fact]
    public void Settings_of_a_connection_do_not_show_its_password()
    {
        var settings = RedisAddress.Parse("redis.example:6380,ssl=true,password=hunter2");
        Assert.Equal("hunter2", settings.Options.Password);
        Assert.DoesNotContain("hunter2", settings.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", RedisSource.From(new RedisBrokerOptions { Configuration = "redis.example,password=hunter2" }).ToString(), StringComparison.Ordinal);
    }

    private static async Task UseAsync(TestQueue queue)
    {
        const string Lua = "'); redis.call('FLUSHALL') --";
        await queue.Broker.EnqueueAsync(queue.NextEnqueue([TestQueue.Message(Lua), TestQueue.Message(Lua)]), CancellationToken.None);
        var leased = (await queue.LeaseAsync()).Messages;
        using var renewal = queue.Broker.OpenRenewalConnection();
        renewal.Renew(new RenewRequest(queue.Name, [leased[0].Lease], queue.Visibility));
        await queue.SettleAsync(leased[0], new Settlement.DeadLetter(DeadLetterReason.Rejected, Lua));
        await queue.AckAsync(leased.Skip(1));
        await queue.Broker.ReturnAsync(new ReturnRequest(queue.Name, queue.Worker, 5), CancellationToken.None);
        Assert.Equal(1, (await queue.CountAsync()).DeadLettered);
        var dead = Assert.Single(await queue.Broker.DeadLettersAsync(queue.Name, CancellationToken.None));
        Assert.Equal(Lua, dead.Error);
        var admin = queue.Broker.Admin;
        await admin.AnnounceAsync(new WorkerAnnouncement(queue.Name, queue.Worker, Lua, 1, TimeSpan.FromMinutes(1)), CancellationToken.None);
        Assert.Equal(Lua, Assert.Single(await admin.ListWorkersAsync(queue.Name, CancellationToken.None)).Worker);
        Assert.NotNull(await admin.FindAsync(new FindRequest(queue.Name, dead.Id), CancellationToken.None));
        await admin.PauseAsync(new PauseRequest(queue.Name, TimeSpan.FromMinutes(1)), CancellationToken.None);
        await admin.ResumeAsync(queue.Name, CancellationToken.None);
        await admin.RedriveAsync(new RedriveRequest(queue.Name, [dead.Id]), CancellationToken.None);
        await admin.DeleteAsync(new DeleteRequest(queue.Name, [dead.Id]), CancellationToken.None);
        await admin.PurgeAsync(new PurgeRequest(queue.Name, MessageState.Ready, 1), CancellationToken.None);
        Assert.Contains(queue.Name, (await admin.ListQueuesAsync(new QueueListRequest(null, 10), CancellationToken.None)).Names);
    }

    private static string[] KeysOf(RedisKeys keys) =>
        [.. keys.All, keys.HintChannel];

    private static QueueName? Parse(string name)
    {
        try
        {
            return QueueName.Parse(name);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static string Word(Random random)
    {
        // Mostly letters that are allowed, so that enough words are.
        var length = random.Next(1, 5);
        return string.Concat(Enumerable.Range(0, length).Select(_ => Letters[random.Next(random.Next(4) > 0 ? 7 : Letters.Length)]));
    }

    private static int Slot(string key)
    {
        var open = key.IndexOf('{', StringComparison.Ordinal);
        var close = key.IndexOf('}', open + 1);
        return Crc16(Encoding.UTF8.GetBytes(key[(open + 1)..close])) % 16_384;
    }

    /// <summary>The checksum of the cluster specification (XMODEM).</summary>
    private static int Crc16(ReadOnlySpan<byte> bytes)
    {
        var crc = 0;
        foreach (var value in bytes)
        {
            crc ^= value << 8;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1;
            }
        }

        return crc & 0xFFFF;
    }
}
