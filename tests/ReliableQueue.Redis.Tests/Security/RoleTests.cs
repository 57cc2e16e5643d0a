using ReliableQueue.Broker;
using ReliableQueue.TestKit;
using Xunit;

namespace ReliableQueue.Redis.Tests.Security;

/// <summary>The users that docs/operations.md tells operators to make: each does its work and nothing else.</summary>
public sealed class RoleTests
{
    private const string Producer = "rq-producer";
    private const string Worker = "rq-worker";
    private const string Reader = "rq-reader";
    private const string Operator = "rq-operator";

    // Signing in, choosing a database, and running scripts; the rest is what the scripts call.
    private static readonly string[] connecting = ["+client|id", "+client|setname", "+echo", "+eval", "+evalsha", "+info", "+ping", "+script|load", "+select", "+subscribe"];

    // The library tries these when it connects and does without.
    private static readonly string[] tried = ["__Booksleeve_MasterChanged", "__Booksleeve_TieBreak", "cluster|nodes", "cluster|slots", "config|get", "get"];

    private static RedisScripts Scripts => RedisScripts.Shipped;

    [Theory]
    [InlineData(Producer)]
    [InlineData(Worker)]
    [InlineData(Reader)]
    [InlineData(Operator)]
    public void The_commands_of_a_role_are_those_its_scripts_call(string role)
    {
        var called = ScriptsOf(role).SelectMany(script => RedisScript.CommandsIn(script.Text)).Select(name => "+" + name.ToLowerInvariant());
        Assert.Equal(
            connecting.Concat(called).Distinct().Order(StringComparer.Ordinal), RestrictedRedis.RulesOf(role).Where(rule => rule[0] == '+').Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_keys_of_the_producer_are_those_its_scripts_name() => Assert.Equal(
        new RedisKeys("rq", QueueName.Parse("emails")).EnqueueDelayed.Append(RedisKeys.QueuesOf("rq")).Select(key => "~" + key.Replace("emails", "*", StringComparison.Ordinal)),
        RestrictedRedis.RulesOf(Producer).Where(rule => rule[0] == '~'));

    [Fact]
    public async Task A_producer_enqueues_and_does_nothing_else()
    {
        await using var redis = await RestrictedRedis.StartAsync(RestrictedRedis.RulesOf(Producer));
        await using var broker = redis.Open(",defaultDatabase=2");
        var queue = new TestQueue(broker);

        Assert.Empty(await broker.Admin.CheckAsync(CancellationToken.None));
        await queue.EnqueueAsync(3);
        await broker.EnqueueAsync(queue.NextEnqueue(TestQueue.Message() with { Terms = new MessageTerms { Delay = TimeSpan.FromHours(1) } }), CancellationToken.None);
        Assert.Empty((await redis.RefusedAsync()).Except(tried));

        var refused = await Assert.ThrowsAsync<BrokerException>(() => queue.LeaseAsync());
        Assert.Contains("{rq:emails}:leases", await redis.RefusedAsync());
        Assert.Equal(BrokerFault.Refused, refused.Fault);
        Assert.Contains("one of the keys", refused.Message, StringComparison.Ordinal);
        await AssertRefusedAsync(redis, "{rq:emails}:leases");
    }

    [Fact]
    public async Task A_worker_leases_renews_settles_returns_and_produces()
    {
        await using var redis = await RestrictedRedis.StartAsync(RestrictedRedis.RulesOf(Worker));
        await using var broker = redis.Open();
        var hinted = new TaskCompletionSource();
        var queue = new TestQueue(broker);
        using var listening = broker.Listen(queue.Name, _ => hinted.TrySetResult());

        Assert.Empty(await broker.Admin.CheckAsync(CancellationToken.None));
        await queue.EnqueueAsync(6);
        var leased = (await queue.LeaseAsync()).Messages;
        using (var renewal = broker.OpenRenewalConnection())
        {
            Assert.All(renewal.Renew(new RenewRequest(queue.Name, [.. leased.Select(message => message.Lease)], queue.Visibility)).Results, result => Assert.Equal(RenewResult.Renewed, result));
        }

        Settlement[] settlements =
        [
            new Settlement.Retry(TimeSpan.Zero, null), new Settlement.Retry(TimeSpan.FromMinutes(1), null), new Settlement.Release(TimeSpan.Zero),
            new Settlement.DeadLetter(DeadLetterReason.Rejected, "no such address"), Settlement.Ack.Plain,
        ];
        await broker.SettleAsync(
            new SettleRequest(queue.Name, [.. leased.Zip(settlements, (message, settlement) => new LeaseSettlement(message.Lease, settlement))]), CancellationToken.None);
        await broker.ReturnAsync(new ReturnRequest(queue.Name, queue.Worker, 5), CancellationToken.None);
        var other = new TestQueue(broker);
        Assert.All(await other.AckAsync((await other.LeaseAsync()).Messages), result => Assert.Equal(SettleResult.Settled, result));
        Assert.Equal(1, (await queue.CountAsync()).DeadLettered);
        await broker.Admin.AnnounceAsync(new WorkerAnnouncement(queue.Name, queue.Worker, "host/1", 8, TimeSpan.FromMinutes(1)), CancellationToken.None);

        Assert.Empty((await redis.RefusedAsync()).Except(tried));
        await TestKit.Eventually.TrueAsync(
            async () =>
            {
                // A hint is sent when a list was empty before.
                await queue.EnqueueAsync();
                await other.AckAsync((await other.LeaseAsync()).Messages);
                return hinted.Task.IsCompleted;
            },
            "a hint arrives");
        await AssertRefusedAsync(redis, "session:of:somebody");
    }

    [Fact]
    public async Task A_reader_looks_at_everything_and_changes_nothing()
    {
        await using var redis = await RestrictedRedis.StartAsync(RestrictedRedis.RulesOf(Reader));
        await using var broker = redis.Open();
        var queue = new TestQueue(broker);

        Assert.Empty(await broker.Admin.CheckAsync(CancellationToken.None));
        Assert.Equal(0, (await queue.CountAsync()).Ready);
        await LookAsync(queue);
        Assert.Empty((await redis.RefusedAsync()).Except(tried));

        await Assert.ThrowsAsync<BrokerException>(() => broker.Admin.PauseAsync(new PauseRequest(queue.Name, null), CancellationToken.None));
        await Assert.ThrowsAsync<BrokerException>(() => queue.EnqueueAsync());
        await AssertRefusedAsync(redis, "{other:emails}:ready:0");
        Assert.StartsWith("-NOPERM", await redis.TryAsync("HSET", "{rq:emails}:messages", "id", "text"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_operator_redrives_deletes_purges_pauses_and_resumes()
    {
        await using var redis = await RestrictedRedis.StartAsync(RestrictedRedis.RulesOf(Operator));
        await using var broker = redis.Open();
        var queue = new TestQueue(broker);
        var admin = broker.Admin;
        MessageId[] ids = [TestQueue.Message().Id];

        Assert.Empty(await admin.CheckAsync(CancellationToken.None));
        await LookAsync(queue);
        Assert.Equal([RedriveResult.NotThere], (await admin.RedriveAsync(new RedriveRequest(queue.Name, ids), CancellationToken.None)).Results);
        Assert.Equal([DeleteResult.NotThere], (await admin.DeleteAsync(new DeleteRequest(queue.Name, ids), CancellationToken.None)).Results);
        await admin.PauseAsync(new PauseRequest(queue.Name, null), CancellationToken.None);
        Assert.True((await queue.CountAsync()).IsPaused);
        await admin.ResumeAsync(queue.Name, CancellationToken.None);
        Assert.All(
            await Task.WhenAll(Enum.GetValues<MessageState>().Select(state => admin.PurgeAsync(new PurgeRequest(queue.Name, state, 1), CancellationToken.None))),
            reply => Assert.True(reply.IsComplete));
        Assert.Empty((await redis.RefusedAsync()).Except(tried));
        await AssertRefusedAsync(redis, "session:of:somebody");
    }

    [Theory]
    [InlineData("echo")]
    [InlineData("ping")]
    public async Task A_role_that_cannot_connect_is_told_which_command_it_lacks(string command)
    {
        await using var redis = await RestrictedRedis.StartAsync([.. RestrictedRedis.RulesOf(Worker), "-" + command]);
        await using var broker = redis.Open();
        var refused = await Assert.ThrowsAsync<BrokerException>(() => broker.Admin.CheckAsync(CancellationToken.None));
        Assert.True(refused.Fault == BrokerFault.Refused, refused.Message);
        Assert.Contains("NOPERM", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"'{command}'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_role_that_may_not_read_INFO_is_told_so_when_it_starts()
    {
        await using var redis = await RestrictedRedis.StartAsync([.. RestrictedRedis.RulesOf(Worker), "-info"]);
        await using var broker = redis.Open();
        var refused = await Assert.ThrowsAsync<BrokerException>(() => broker.Admin.CheckAsync(CancellationToken.None));
        Assert.Equal(BrokerFault.Refused, refused.Fault);
        Assert.Matches("right to INFO in the script 'info'|'info'", refused.Message);
    }

    [Fact]
    public async Task A_role_that_a_script_stumbles_over_is_told_which_command_it_lacks()
    {
        await using var redis = await RestrictedRedis.StartAsync([.. RestrictedRedis.RulesOf(Worker), "-time"]);
        await using var broker = redis.Open();
        var lacking = await Assert.ThrowsAsync<BrokerException>(() => new TestQueue(broker).EnqueueAsync());
        Assert.Matches("right to TIME in the script 'enqueue'|'time'", lacking.Message);

        // One whose failure takes back what was done: then the line is not where it failed.
        await using var withoutLists = await RestrictedRedis.StartAsync([.. RestrictedRedis.RulesOf(Worker), "-rpush"]);
        await using var other = withoutLists.Open();
        var takenBack = await Assert.ThrowsAsync<BrokerException>(() => new TestQueue(other).EnqueueAsync());
        Assert.Matches("RPUSH.* in the script 'enqueue'|'rpush'", takenBack.Message);

        await using var withoutScripts = await RestrictedRedis.StartAsync([.. RestrictedRedis.RulesOf(Worker), "-eval", "-evalsha"]);
        await using var another = withoutScripts.Open();
        var refused = await Assert.ThrowsAsync<BrokerException>(() => new TestQueue(another).LeaseAsync());
        Assert.Equal(BrokerFault.Refused, refused.Fault);
        Assert.Contains("'eval", refused.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<RedisScript> ScriptsOf(string role) => role switch
    {
        Producer => [Scripts.Enqueue, Scripts.List],
        Reader => [Scripts.Statistics, Scripts.Browse, Scripts.Find, Scripts.Workers, Scripts.Queues],
        Operator => [.. ScriptsOf(Reader), Scripts.Redrive, Scripts.Delete, Scripts.Purge, Scripts.Pause],
        _ => [Scripts.Enqueue, Scripts.Lease, Scripts.Ack, Scripts.Settle, Scripts.Renew, Scripts.Return, Scripts.Statistics, Scripts.Announce, Scripts.List],
    };

    private static async Task LookAsync(TestQueue queue)
    {
        var admin = queue.Broker.Admin;
        foreach (var state in Enum.GetValues<MessageState>())
        {
            Assert.Empty((await admin.BrowseAsync(new BrowseRequest(queue.Name, state, null, 10), CancellationToken.None)).Messages);
        }

        Assert.Null(await admin.FindAsync(new FindRequest(queue.Name, TestQueue.Message().Id), CancellationToken.None));
        Assert.Empty(await admin.ListWorkersAsync(queue.Name, CancellationToken.None));
        Assert.Empty((await admin.ListQueuesAsync(new QueueListRequest(null, 10), CancellationToken.None)).Names);
    }

    /// <summary>What would harm others, and what is nobody's work; by itself and inside a script.</summary>
    private static async Task AssertRefusedAsync(RestrictedRedis redis, string foreignKey)
    {
        string[][] commands = [["FLUSHALL"], ["KEYS", "*"], ["CONFIG", "SET", "maxmemory", "1"], ["DEL", "{rq:emails}:messages"], ["GET", "{rq:emails}:meta"], ["SHUTDOWN"], ["ACL", "LIST"]];
        foreach (var command in commands)
        {
            Assert.StartsWith("-NOPERM", await redis.TryAsync(command), StringComparison.Ordinal);
        }

        Assert.StartsWith("-", await redis.TryAsync("EVAL", "return redis.call('FLUSHALL')", "0"), StringComparison.Ordinal);
        Assert.StartsWith("-", await redis.TryAsync("EVAL", "return redis.call('LLEN', KEYS[1])", "1", foreignKey), StringComparison.Ordinal);
        Assert.StartsWith("-", await redis.TryAsync("EVAL", $"return redis.call('LLEN', '{foreignKey}')", "0"), StringComparison.Ordinal);
    }
}
