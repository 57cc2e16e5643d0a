using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;
using ReliableQueue.Setup;
using ReliableQueue.Working.Life;
using ReliableQueue.State;
using ReliableQueue.TestKit;
using ReliableQueue.Tests.DependencyInjection;
using ReliableQueue.Tests.Worker;

namespace ReliableQueue.Tests.Hosting;

public class WorkerHostTests
{
    private static readonly BrokerFinding Evicting = new(FindingSeverity.Refusal, "eviction-policy", "maxmemory-policy is allkeys-lru. Set it: noeviction.");

    [Fact]
    public async Task A_broker_that_is_unsafe_fails_the_start_with_the_fix_in_the_text()
    {
        await using var rig = RigOf(broker => broker.Findings = [Evicting]);

        var refusal = await Assert.ThrowsAsync<UnsafeBrokerException>(rig.StartAsync);

        Assert.Equal(Evicting.Message, refusal.Message);
    }

    [Fact]
    public async Task A_broker_that_does_not_answer_does_not_keep_the_host_from_starting()
    {
        await using var rig = RigOf(broker => broker.Before = _ => throw new BrokerException(BrokerFault.NotApplied, "no connection"));

        await rig.StartAsync();

        Assert.Equal(HealthStatus.Unhealthy, (await HealthAsync(rig)).Status);
    }

    [Fact]
    public async Task A_worker_that_gets_on_is_healthy()
    {
        await using var rig = RigOf(_ => { });

        await rig.StartAsync();
        await rig.Services.GetRequiredService<IQueueClient>().EnqueueAsync("greetings", new Greeting("ada"));
        await Eventually.TrueAsync(async () => (await HealthAsync(rig)).Entries["reliablequeue"].Data.ContainsKey("greetings.ready"), "the counts of the queue are read");

        Assert.Equal(HealthStatus.Healthy, (await HealthAsync(rig)).Status);
    }

    [Fact]
    public async Task A_worker_that_does_not_run_is_degraded()
    {
        await using var rig = RigOf(_ => { });

        Assert.Equal(HealthStatus.Degraded, (await HealthAsync(rig)).Status);
    }

    [Fact]
    public async Task A_broker_that_turns_unsafe_is_unhealthy()
    {
        FaultyBroker? broker = null;
        await using var rig = RigOf(made => broker = made);
        await rig.StartAsync();
        Assert.NotNull(broker);

        broker.Findings = [Evicting];

        var health = await HealthAsync(rig);
        Assert.Equal((HealthStatus.Unhealthy, Evicting.Message), (health.Status, health.Entries["reliablequeue"].Description));
    }

    [Fact]
    public async Task A_state_file_of_another_program_fails_the_start_and_is_kept()
    {
        await using var rig = RigOf(_ => { });
        Directory.CreateDirectory(Path.Combine(rig.Folder, "state"));
        var path = Path.Combine(rig.Folder, "state", "worker.db");
        await File.WriteAllTextAsync(path, "a letter to the editor, long enough to be no header of a database at all, and then some more of it to be sure");

        var refusal = await Assert.ThrowsAsync<StateFileException>(rig.StartAsync);

        Assert.Equal(path, refusal.Path);
        Assert.StartsWith("a letter", await File.ReadAllTextAsync(path), StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_another_process_holds_the_state_file_the_producer_works_and_the_worker_waits_degraded()
    {
        await using var rig = RigOf(_ => { });
        var path = Path.Combine(rig.Folder, "state", "worker.db");
        StateFile.Inspect(path);
        var other = await StateFile.OpenAsync(new FileOpening(path, TimeProvider.System), Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, _ => { }, default);

        await rig.StartAsync();
        await rig.Services.GetRequiredService<IQueueClient>().EnqueueAsync("greetings", new Greeting("ada"));
        await Eventually.TrueAsync(
            async () => (await HealthAsync(rig)).Entries["reliablequeue"] is { Status: HealthStatus.Degraded, Description: { } text } && text.Contains(path, StringComparison.Ordinal),
            "the worker waits for its file and says so");

        await other.DisposeAsync();
        await Eventually.TrueAsync(async () => (await HealthAsync(rig)).Status == HealthStatus.Healthy, "the worker has its file");
    }

    [Fact]
    public async Task A_producer_that_saw_the_broker_lose_writes_is_degraded()
    {
        FaultyBroker? broker = null;
        await using var rig = RigOf(made => broker = made);
        var client = rig.Services.GetRequiredService<IQueueClient>();
        await client.EnqueueAsync("greetings", new Greeting("ada"));
        Assert.NotNull(broker);

        broker.Flush();
        await client.EnqueueAsync("greetings", new Greeting("grace"));

        var health = await HealthAsync(rig);
        Assert.Equal(HealthStatus.Degraded, health.Status);
        Assert.Contains("BrokerStateRegressed", health.Entries["reliablequeue"].Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_worker_that_is_switched_off_leases_nothing_and_touches_no_file_and_says_so()
    {
        await using var rig = RigOf(_ => { }, ("ReliableQueue:Worker:Enabled", "false"));
        await rig.StartAsync();

        await rig.Services.GetRequiredService<IQueueClient>().EnqueueAsync("greetings", new Greeting("ada"));

        var health = (await HealthAsync(rig)).Entries["reliablequeue"];
        Assert.Equal((HealthStatus.Healthy, "The worker is switched off: Worker.Enabled is false."), (health.Status, health.Description));
        Assert.Empty(rig.Services.GetServices<IHostedService>().OfType<ReliableWorkerHost>());
        Assert.Empty(Directory.GetFileSystemEntries(rig.Folder));
    }

    [Fact]
    public async Task A_named_worker_is_switched_off_by_its_own_section()
    {
        await using var rig = RigOf(_ => { }, ("ReliableQueue:Sets:billing:Worker:Enabled", "false"));
        rig.Add.AddReliableWorker("billing", worker => worker.UseBroker(SetRig.NewBroker).AddHandler<Greeting, GreetingHandler>("invoices"));
        rig.Add.AddHealthChecks().AddReliableQueue("billing", serviceKey: "billing");
        await rig.StartAsync();
        await rig.Services.GetRequiredKeyedService<IQueueClient>("billing").EnqueueAsync("invoices", new Greeting("ada"));
        await Eventually.TrueAsync(async () => (await HealthAsync(rig)).Status == HealthStatus.Healthy, "the unnamed worker handles");

        Assert.Single(rig.Services.GetServices<IHostedService>().OfType<ReliableWorkerHost>());
        Assert.StartsWith("The worker is switched off", (await HealthAsync(rig)).Entries["billing"].Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handler_does_not_run_in_the_context_of_whoever_started_the_host()
    {
        var ambient = new AsyncLocal<string?>();
        var seen = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var rig = new SetRig();
        rig.Add.AddReliableWorker(worker => worker
            .UseBroker(_ => new FaultyBroker(TimeProvider.System))
            .Handle<Greeting>("greetings", (_, _, _) =>
            {
                seen.TrySetResult(ambient.Value);
                return Task.CompletedTask;
            }));

        ambient.Value = "the request that started the host";
        await rig.StartAsync();
        await rig.Services.GetRequiredService<IQueueClient>().EnqueueAsync("greetings", new Greeting("ada"));

        Assert.Null(await seen.Task);
    }

    [Fact]
    public async Task A_worker_that_is_disposed_without_a_stop_leases_no_more()
    {
        var broker = new FaultyBroker(TimeProvider.System);
        var calls = 0;
        broker.Before = call =>
        {
            calls += call == "lease" ? 1 : 0;
            return Task.CompletedTask;
        };
        await using var rig = RigOf(_ => { });
        var worker = new ReliableWorker(
            rig.Services.GetRequiredService<WorkerBlueprint>() with { Broker = broker },
            new StateOpening("memory", () => { }, (_, _) => Task.FromResult<IWorkerState>(new MemoryState())),
            new Surroundings(
                rig.Services.GetRequiredService<IServiceScopeFactory>(),
                TimeProvider.System,
                SystemRandomSource.Instance,
                Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance,
                rig.Services.GetRequiredService<QueueMeter>()));
        var running = worker.RunAsync();
        await Eventually.TrueAsync(() => Task.FromResult(Volatile.Read(ref calls) > 0), "the worker leases");

        worker.Dispose();

        await running.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Empty(worker.Queues);
    }

    private static SetRig RigOf(Action<FaultyBroker> made, params (string Key, string Value)[] configuration)
    {
        var rig = new SetRig(configuration);
        rig.Add.AddLogging();
        rig.Add.AddSingleton<Guestbook>();
        rig.Add.AddReliableWorker(worker => worker
            .UseBroker(_ =>
            {
                var broker = new FaultyBroker(TimeProvider.System);
                made(broker);
                return broker;
            })
            .AddHandler<Greeting, GreetingHandler>("greetings"));
        rig.Add.AddHealthChecks().AddReliableQueue();
        return rig;
    }

    private static Task<HealthReport> HealthAsync(SetRig rig) => rig.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
}
