using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using ReliableQueue.Broker;
using StackExchange.Redis;
using Xunit;

namespace ReliableQueue.Redis.Tests.Layouts;

/// <summary>A queue of another version of the layout, or with features that this client does not know.</summary>
public sealed class LayoutTests(SharedRedis redis)
{
    private const string Numbers = "local known_layout, lowest_reader, known_uses = '1', '1', 0";

    // Takes three calls, as a migration of a long queue would, and leaves the queue to clients of version 1 until the last.
    private const string Steps = """
        local meta = KEYS[1]
        if redis.call('HGET', meta, 'layout') ~= '1' then
          return {1}
        end
        if redis.call('HINCRBY', meta, 'steps', 1) < 3 then
          return {0}
        end
        redis.call('HSET', meta, 'layout', '2', 'reader', '2')
        return {1}
        """;

    private readonly string prefix = "v" + Guid.NewGuid().ToString("n")[..12];

    private RedisKeys Keys => new(prefix, QueueName.Parse("emails"));

    [Fact]
    public void The_scripts_and_the_client_have_the_same_numbers()
    {
        var layout = RedisLayout.Current;
        Assert.All(
            RedisScripts.Shipped.All.Where(script => script.Text.Contains("known_layout", StringComparison.Ordinal)),
            script => Assert.Contains(
                string.Create(CultureInfo.InvariantCulture, $"local known_layout, lowest_reader, known_uses = '{layout.Version}', '{layout.LowestReader}', {layout.Uses}\n"),
                script.Text, StringComparison.Ordinal));
        Assert.Equal(Enumerable.Range(1, layout.Version - 1), layout.Migrations.Select(migration => migration.From));
    }

    [Fact]
    public async Task A_new_queue_has_the_newest_layout_and_its_lowest_reader()
    {
        await using var broker = Open();
        await new TestQueue(broker).EnqueueAsync();
        await AssertNewAsync(Keys);

        var leasedFirst = new TestQueue(broker, "leased-first");
        await leasedFirst.LeaseAsync();
        await AssertNewAsync(new RedisKeys(prefix, leasedFirst.Name));
    }

    [Theory]
    [InlineData("layout", "3", "reader", "2", "layout 3, for clients that know layout 2 or later; this one knows layout 1")]
    [InlineData("layout", "1", "uses", "6", "features that this client does not know, bits 6 of meta.uses")]
    public async Task A_client_that_is_too_old_takes_nothing_and_says_why_and_still_renews_and_settles_what_it_holds(
        string field, string value, string other, string otherValue, string text)
    {
        await using var broker = Open();
        var queue = new TestQueue(broker);
        await queue.EnqueueAsync(4);
        var held = (await queue.LeaseAsync(3)).Messages;
        await redis.Database.HashSetAsync(Keys.All[0], [new HashEntry(field, value), new HashEntry(other, otherValue)]);
        var before = await StateAsync();

        await AssertRefusedAsync(() => queue.EnqueueAsync());
        await AssertRefusedAsync(() => queue.LeaseAsync());
        await AssertRefusedAsync(() => broker.ReturnAsync(new ReturnRequest(queue.Name, queue.Worker, 5), CancellationToken.None));
        await AssertRefusedAsync(() => broker.Admin.GetStatisticsAsync(queue.Name, CancellationToken.None));
        await AssertRefusedAsync(() => broker.Admin.ListWorkersAsync(queue.Name, CancellationToken.None));
        await AssertRefusedAsync(() => broker.Admin.AnnounceAsync(new WorkerAnnouncement(queue.Name, queue.Worker, "worker", 1, TimeSpan.FromMinutes(1)), CancellationToken.None));
        Assert.Equal(before, await StateAsync());

        using var renewal = broker.OpenRenewalConnection();
        var leases = held.Select(message => message.Lease).ToList();
        Assert.All(renewal.Renew(new RenewRequest(queue.Name, leases, queue.Visibility)).Results, result => Assert.Equal(RenewResult.Renewed, result));
        Assert.Equal(SettleResult.Settled, await queue.SettleAsync(held[0], Settlement.Ack.Plain));
        Assert.Equal(SettleResult.Settled, await queue.SettleAsync(held[1], new Settlement.Retry(TimeSpan.Zero, "later")));
        Assert.Equal(SettleResult.Settled, await queue.SettleAsync(held[2], new Settlement.DeadLetter(DeadLetterReason.Rejected, null)));

        async Task AssertRefusedAsync(Func<Task> call)
        {
            var refused = await Assert.ThrowsAsync<BrokerException>(call);
            Assert.Equal(BrokerFault.Refused, refused.Fault);
            Assert.Contains(text, refused.Message, StringComparison.Ordinal);
            Assert.Contains("Update this application", refused.Message, StringComparison.Ordinal);
        }

        async Task<string> StateAsync() => string.Join('|', (await Task.WhenAll(Keys.All.Select(key => redis.Database.KeyDumpAsync(key))))
            .Select(dump => Convert.ToHexString(dump ?? [])));
    }

    [Fact]
    public async Task A_client_may_use_a_later_layout_that_it_can_read()
    {
        await using var broker = Open();
        var queue = new TestQueue(broker);
        await queue.EnqueueAsync();
        await redis.Database.HashSetAsync(Keys.All[0], "layout", "2");

        await queue.EnqueueAsync();
        Assert.Equal(2, (await queue.LeaseAsync()).Messages.Count);
    }

    [Fact]
    public async Task The_first_call_of_a_newer_client_brings_the_queue_up_to_date_and_leaves_the_messages()
    {
        await using var older = Open();
        var old = new TestQueue(older);
        await old.EnqueueAsync(3);
        var held = Assert.Single((await old.LeaseAsync(1)).Messages);

        await using var newer = OpenNewer();
        var queue = new TestQueue(newer);
        Assert.Equal(2, (await queue.LeaseAsync()).Messages.Count);
        Assert.Equal("2", await redis.Database.HashGetAsync(Keys.All[0], "layout"));
        Assert.Equal("3", await redis.Database.HashGetAsync(Keys.All[0], "steps"));
        Assert.Equal(BrokerFault.Refused, (await Assert.ThrowsAsync<BrokerException>(() => old.LeaseAsync())).Fault);
        Assert.Equal(SettleResult.Settled, await old.SettleAsync(held, Settlement.Ack.Plain));
    }

    [Fact]
    public async Task A_queue_whose_older_copy_is_restored_under_a_running_client_is_brought_up_to_date_again()
    {
        await using var newer = OpenNewer();
        var queue = new TestQueue(newer);
        await queue.EnqueueAsync();
        await redis.Database.HashSetAsync(Keys.All[0], "layout", "1");
        await redis.Database.HashDeleteAsync(Keys.All[0], "reader");

        Assert.Single((await queue.LeaseAsync()).Messages);
        Assert.Equal("2", await redis.Database.HashGetAsync(Keys.All[0], "layout"));
    }

    [Fact]
    public async Task A_queue_of_a_layout_from_which_no_way_leads_is_refused_untouched()
    {
        await using var broker = Open();
        var queue = new TestQueue(broker);
        await queue.EnqueueAsync();
        await redis.Database.HashSetAsync(Keys.All[0], "layout", "0");

        var refused = await Assert.ThrowsAsync<BrokerException>(() => queue.LeaseAsync());
        Assert.Equal(BrokerFault.Refused, refused.Fault);
        Assert.Contains("layout 0", refused.Message, StringComparison.Ordinal);
    }

    private async Task AssertNewAsync(RedisKeys keys) => Assert.Equal(["1", "1"], await redis.Database.HashGetAsync(keys.All[0], ["layout", "reader"]));

    private RedisQueueBroker Open() => new RedisQueueBroker(Link(), prefix, SystemRandomSource.Instance, RedisScripts.Shipped);

    /// <summary>The broker as a later version of it might be.</summary>
    private RedisQueueBroker OpenNewer()
    {
        var today = RedisScripts.Shipped;
        return new RedisQueueBroker(Link(), prefix, SystemRandomSource.Instance, today with
        {
            Layout = new RedisLayout(2, 2, 0, [new RedisMigration(1, new RedisScript("migrate-1", Steps))]),
            Enqueue = Later(today.Enqueue),
            Lease = Later(today.Lease),
            Return = Later(today.Return),
        });
    }

    private static RedisScript Later(RedisScript script)
    {
        Assert.Contains(Numbers, script.Text, StringComparison.Ordinal);
        return new RedisScript(script.Name, script.Text.Replace(Numbers, "local known_layout, lowest_reader, known_uses = '2', '2', 0", StringComparison.Ordinal));
    }

    private RedisLink Link()
    {
        var options = new RedisBrokerOptions { Configuration = redis.Server.Configuration, CallTimeout = TimeSpan.FromSeconds(20) };
        return new RedisLink(RedisSource.From(options), options.CallTimeout, TimeProvider.System, NullLogger.Instance);
    }
}
