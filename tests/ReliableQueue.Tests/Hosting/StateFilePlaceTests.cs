using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using ReliableQueue.TestKit;
using ReliableQueue.Tests.DependencyInjection;
using ReliableQueue.Tests.Security;

namespace ReliableQueue.Tests.Hosting;

/// <summary>Where a worker keeps its state: a place that cannot be written, none at all, or one that another host of the same process has.</summary>
public sealed class StateFilePlaceTests
{
    [Fact]
    public async Task A_state_file_that_cannot_be_written_fails_the_start_and_the_text_names_the_setting_and_what_containers_do()
    {
        await using var rig = new SetRig(("ReliableQueue:Worker:StateFile", "file/worker.db"));
        await File.WriteAllTextAsync(Path.Combine(rig.Folder, "file"), "not a directory", TestContext.Current.CancellationToken);
        rig.Add.AddReliableWorker(worker => worker.UseBroker(SetRig.NewBroker).AddHandler<Greeting, GreetingHandler>("greetings"));

        var refusal = await Assert.ThrowsAsync<StateFileException>(rig.StartAsync);

        Assert.Equal(Path.Combine(rig.Folder, "file", "worker.db"), refusal.Path);
        string[] expected = ["ReliableQueue:Worker:StateFile", "ReliableQueue__Worker__StateFile", "mount a volume", $"'{Environment.UserName}'", "'none'", "WithoutStateFile()"];
        Assert.All(expected, part => Assert.Contains(part, refusal.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_text_of_a_named_worker_names_its_own_setting()
    {
        await using var rig = new SetRig(("ReliableQueue:Sets:billing:Worker:StateFile", "state"));
        Directory.CreateDirectory(Path.Combine(rig.Folder, "state"));
        rig.Add.AddReliableWorker("billing", worker => worker.UseBroker(SetRig.NewBroker).AddHandler<Greeting, GreetingHandler>("invoices"));

        var refusal = await Assert.ThrowsAsync<StateFileException>(rig.StartAsync);

        Assert.Contains("ReliableQueue__Sets__billing__Worker__StateFile", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("none")]
    [InlineData("None")]
    public async Task A_worker_without_a_state_file_handles_messages_and_writes_no_file(string? configured)
    {
        (string, string)[] configuration = configured is null ? [] : [("ReliableQueue:Worker:StateFile", configured)];
        using var log = new CanaryLog();
        await using var rig = new SetRig(configuration);
        rig.Add.AddSingleton<ILoggerProvider>(log);
        rig.Add.AddReliableWorker(worker =>
        {
            worker.UseBroker(SetRig.NewBroker).AddHandler<Greeting, GreetingHandler>("greetings");
            _ = configured is null ? worker.WithoutStateFile() : worker;
        });
        rig.Add.AddHealthChecks().AddReliableQueue();

        await rig.StartAsync();
        await rig.Services.GetRequiredService<IQueueClient>().EnqueueAsync("greetings", new Greeting("ada"));

        Assert.Equal("ada", await rig.Services.GetRequiredService<Guestbook>().NextAsync());
        var health = await rig.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken);
        Assert.Equal(HealthStatus.Healthy, health.Status);
        Assert.Empty(Directory.EnumerateFileSystemEntries(rig.Folder));
        Assert.Contains(log.Entries, entry => entry.Event.Id == 603);
    }

    [Fact]
    public async Task Two_workers_of_one_application_may_both_be_without_a_state_file()
    {
        await using var rig = new SetRig();
        rig.Add.AddReliableWorker("one", worker => worker.UseBroker(SetRig.NewBroker).WithoutStateFile().AddHandler<Greeting, GreetingHandler>("a"));
        rig.Add.AddReliableWorker("two", worker => worker.UseBroker(SetRig.NewBroker).WithoutStateFile().AddHandler<Greeting, GreetingHandler>("b"));

        Assert.Empty(await rig.FaultsAsync());
    }

    [Fact]
    public async Task Journalled_completions_without_a_state_file_are_refused()
    {
        await using var rig = new SetRig();
        rig.Add.AddReliableWorker(worker => worker
            .UseBroker(SetRig.NewBroker).WithoutStateFile().AddHandler<Greeting, GreetingHandler>("greetings", queue => queue.JournalCompletions = true));

        Assert.StartsWith("JournalCompletions of queue 'greetings'", Assert.Single(await rig.FaultsAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_second_host_of_a_process_on_the_same_files_is_told_that_the_first_is_in_this_process_and_what_to_do()
    {
        using var log = new CanaryLog();
        await using var first = new SetRig();
        await using var second = new SetRig();
        AddTo(first, _ => { });
        AddTo(second, worker => worker.UseDataDirectory(first.Folder));
        second.Add.AddSingleton<ILoggerProvider>(log);
        await first.StartAsync();

        // A worker that handles has its state file.
        await first.Services.GetRequiredService<IQueueClient>().EnqueueAsync("greetings", new Greeting("ada"));
        Assert.Equal("ada", await first.Services.GetRequiredService<Guestbook>().NextAsync());

        await second.StartAsync();

        await Eventually.TrueAsync(() => log.Entries.Any(entry => entry.Event.Id == 907), "the second host waits for the file of the first");
        var said = log.Entries.First(entry => entry.Event.Id == 907).Text;
        Assert.Contains($"another host in this very process ({Environment.ProcessId}", said, StringComparison.Ordinal);
        Assert.Contains("UseDataDirectory(folder)", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_hosts_of_a_process_with_a_data_directory_each_both_handle_their_messages()
    {
        await using var first = new SetRig();
        await using var second = new SetRig();
        foreach (var rig in new[] { first, second })
        {
            AddTo(rig, worker => worker.UseDataDirectory("data"));
            await rig.StartAsync();
        }

        await first.Services.GetRequiredService<IQueueClient>().EnqueueAsync("greetings", new Greeting("ada"));
        await second.Services.GetRequiredService<IQueueClient>().EnqueueAsync("greetings", new Greeting("grace"));

        Assert.Equal("ada", await first.Services.GetRequiredService<Guestbook>().NextAsync());
        Assert.Equal("grace", await second.Services.GetRequiredService<Guestbook>().NextAsync());
    }

    private static void AddTo(SetRig rig, Action<ReliableQueueBuilder> more) => rig.Add.AddReliableWorker(worker =>
    {
        worker.UseSqlite("queue.db").AddHandler<Greeting, GreetingHandler>("greetings");
        more(worker);
    });
}
