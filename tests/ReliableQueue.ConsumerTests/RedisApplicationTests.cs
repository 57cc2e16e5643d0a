using System.Globalization;
using ReliableQueue.TestKit;

namespace ReliableQueue.ConsumerTests;

/// <summary>
/// An application on a Redis, with one version of StackExchange.Redis. Its handler takes longer than the visibility timeout: a lease that was not renewed would end, and
/// the message would be delivered a second time.
/// </summary>
public abstract class RedisApplicationTests(PackageFeed feed, string client)
{
    private static readonly TimeSpan VisibilityTimeout = TimeSpan.FromSeconds(4);

    // A failover takes a second to be noticed and as long again; the lease must still be there to be renewed.
    private static readonly TimeSpan LongerThanAFailover = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task An_application_with_a_configuration_string_enqueues_handles_renews_and_stops()
    {
        await using var redis = await StartAsync();
        await WorksAsync(redis, "string", redis.Configuration);
    }

    [Fact]
    public async Task An_application_with_a_user_of_the_documented_role_enqueues_handles_renews_and_stops()
    {
        await using var redis = await StartAsync();
        await redis.GrantAsync("rq-worker", "a-password");
        await redis.CommandAsync("ACL", "SETUSER", "default", "off");
        redis.User = "rq-worker";
        redis.Password = "a-password";
        await WorksAsync(redis, "string", $"{redis.Configuration},user=rq-worker,password=a-password");
    }

    [Fact]
    public async Task An_application_with_a_connection_of_its_own_enqueues_handles_renews_and_keeps_the_connection()
    {
        await using var redis = await StartAsync();
        var output = await WorksAsync(redis, "container", redis.Configuration);

        Assert.Contains("the application's own connection answers", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_application_behind_a_Sentinel_goes_on_with_its_handler_through_a_failover()
    {
        await using var redis = await RedisSentinel.StartAsync("orders");
        var application = await feed.ApplicationAsync("Client", client);
        using var running = application.Start("string", redis.Configuration, LongerThanAFailover.ToString());
        await running.WaitForLineAsync("started on ");
        await running.TellAsync("0");
        await running.WaitForLineAsync("handled 1");
        await running.TellAsync(Seconds(2 * LongerThanAFailover));
        await running.WaitForLineAsync("handling 2");
        await redis.FailOverAsync();
        await running.TellAsync("0");
        await running.WaitUntilPrintedAsync("handled 3");
        await running.WaitUntilPrintedAsync("handled 2");

        await StoppedAsync(running);
        Assert.Equal(["handling 1, delivery 1", "handling 2, delivery 1", "handling 3, delivery 1"], DeliveriesIn(running.Output));
        await NothingIsLeftAsync(redis.Replica);
    }

    private async Task<string> WorksAsync(RedisServer redis, string way, string configuration)
    {
        var application = await feed.ApplicationAsync("Client", client);
        using var running = application.Start(way, configuration, VisibilityTimeout.ToString());
        Assert.Contains($"started on {client}", await running.WaitForLineAsync("started on "), StringComparison.Ordinal);
        await running.TellAsync("0");
        await running.WaitForLineAsync("handled 1");
        await running.TellAsync(Seconds(2.5 * VisibilityTimeout));
        await running.WaitForLineAsync("handled 2");

        await StoppedAsync(running);
        Assert.Equal(["handling 1, delivery 1", "handling 2, delivery 1"], DeliveriesIn(running.Output));
        Assert.False(running.Output.Contains("fail: ", StringComparison.Ordinal) || running.Output.Contains("crit: ", StringComparison.Ordinal), running.Output);
        await NothingIsLeftAsync(redis);
        return running.Output;
    }

    private static Task<RedisServer> StartAsync() => RedisServer.StartAsync("--appendonly", "yes", "--maxmemory-policy", "noeviction");

    private static async Task StoppedAsync(RunningProgram running)
    {
        running.TellNoMore();
        await running.WaitForLineAsync("stopped");
        await running.WaitForExitAsync();
        Assert.True(running.ExitCode == 0, running.Output);
    }

    private static IEnumerable<string> DeliveriesIn(string output) => output.Split('\n').Where(line => line.StartsWith("handling ", StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    private static async Task NothingIsLeftAsync(RedisServer redis) => Assert.Equal(":0\r\n", await redis.CommandAsync("HLEN", "{rq:orders}:messages"));

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The oldest version that the package accepts.</summary>
public sealed class OldestClientTests(PackageFeed feed) : RedisApplicationTests(feed, "2.8.16");

/// <summary>The last version before the third major one.</summary>
public sealed class LastClientOfTwoTests(PackageFeed feed) : RedisApplicationTests(feed, "2.13.17");

/// <summary>The newest version.</summary>
public sealed class NewestClientTests(PackageFeed feed) : RedisApplicationTests(feed, Clients.Newest);
