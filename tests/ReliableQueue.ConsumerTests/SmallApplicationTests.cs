using ReliableQueue.TestKit;

namespace ReliableQueue.ConsumerTests;

/// <summary>Applications that use a part of it.</summary>
public sealed class SmallApplicationTests(PackageFeed feed)
{
    [Fact]
    public async Task A_producer_and_a_worker_in_applications_of_their_own_need_no_more_than_their_roles()
    {
        await using var redis = await RedisServer.StartAsync("--appendonly", "yes", "--maxmemory-policy", "noeviction");
        await redis.GrantAsync("rq-producer", "one");
        await redis.GrantAsync("rq-worker", "two");
        await redis.CommandAsync("ACL", "SETUSER", "default", "resetpass", ">three");
        var producer = await feed.ApplicationAsync("Producer", Clients.Newest);
        var folder = producer.NewFolder();
        using var producing = producer.StartIn(folder, $"{redis.Configuration},user=rq-producer,password=one", "hello", "goodbye");
        await producing.WaitForLineAsync("stopped");
        await producing.WaitForExitAsync();
        Assert.Equal(0, producing.ExitCode);

        // No worker, so no state file.
        Assert.Empty(Directory.GetFileSystemEntries(folder));

        var worker = await feed.ApplicationAsync("Worker", Clients.Newest);
        using var working = worker.Start($"{redis.Configuration},user=rq-worker,password=two");
        await working.WaitUntilPrintedAsync("handled hello, delivery 1");
        await working.WaitUntilPrintedAsync("handled goodbye, delivery 1");
        await working.TerminateAsync();
        await working.WaitForLineAsync("stopped");
        await working.WaitForExitAsync();
        Assert.Equal(0, working.ExitCode);
    }

    [Fact]
    public async Task An_application_that_references_the_embedded_broker_alone_gets_no_client_of_Redis()
    {
        var application = await feed.ApplicationAsync("Embedded");
        using var running = application.Start();
        await running.WaitForLineAsync("handled in delivery 1");
        await running.WaitForLineAsync("stopped");
        await running.WaitForExitAsync();

        Assert.Equal(0, running.ExitCode);
        Assert.DoesNotContain(Directory.GetFiles(Path.GetDirectoryName(application.Program) ?? ""), file => file.EndsWith("Redis.dll", StringComparison.Ordinal));
    }
}
