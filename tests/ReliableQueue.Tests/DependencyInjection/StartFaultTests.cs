using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ReliableQueue.Tests.DependencyInjection;

/// <summary>What is said at start, all of it at once.</summary>
public sealed class StartFaultTests
{
    [Theory]
    [InlineData("Concurrency", "0", "Concurrency (0) for queue 'emails' must be between 1 and 10000.")]
    [InlineData("Concurrency", "10001", "Concurrency (10001) for queue 'emails' must be between 1 and 10000.")]
    [InlineData("VisibilityTimeout", "00:00:00.5", "VisibilityTimeout (00:00:00.5000000) for queue 'emails' must be between 00:00:01 and 12:00:00.")]
    [InlineData("VisibilityTimeout", "12:00:01", "VisibilityTimeout (12:00:01) for queue 'emails' must be between 00:00:01 and 12:00:00.")]
    [InlineData("Retry:MaxDeliveries", "-1", "Retry.MaxDeliveries (-1) for queue 'emails' must be between 1 and 1000.")]
    [InlineData("Retry:Delay", "00:00:00", "Retry.Delay (00:00:00) for queue 'emails' must be between 00:00:00.0010000 and 1.00:00:00.")]
    [InlineData("Retry:MaxDelay", "8.00:00:00", "Retry.MaxDelay (8.00:00:00) for queue 'emails' must be between 00:00:00.0010000 and 7.00:00:00.")]
    [InlineData("Retry:MaxDelay", "00:00:01", "Retry.MaxDelay (00:00:01) for queue 'emails' must be at least Retry.Delay (00:00:05).")]
    [InlineData("RetryFor", "00:00:00.5", "RetryFor (00:00:00.5000000) for queue 'emails' must be between 00:00:01 and 90.00:00:00.")]
    [InlineData("RetryFor", "91.00:00:00", "RetryFor (91.00:00:00) for queue 'emails' must be between 00:00:01 and 90.00:00:00.")]
    [InlineData("RetryFor", "00:00:02", "RetryFor (00:00:02) for queue 'emails' must be at least Retry.Delay (00:00:05).")]
    [InlineData("HandlerTimeout", "-00:00:00.001", "HandlerTimeout (-00:00:00.0010000) for queue 'emails' must be between 00:00:00.0100000 and 365.00:00:00.")]
    [InlineData("HandlerTimeouts:greeting", "00:00:00", "HandlerTimeouts.greeting (00:00:00) for queue 'emails' must be between 00:00:00.0100000 and 365.00:00:00.")]
    [InlineData("HandlerTimeouts:greating", "00:00:01", "HandlerTimeouts of queue 'emails' names the message type 'greating', for which the queue has no handler.")]
    [InlineData("Batch:Size", "0", "Batch.Size (0) for queue 'emails' must be between 1 and 10000.")]
    [InlineData("Batch:Size", "17", "Batch.Size (17) for queue 'emails' must be at most Concurrency (16).")]
    [InlineData("Batch:Linger", "00:01:01", "Batch.Linger (00:01:01) for queue 'emails' must be between 00:00:00 and 00:01:00.")]
    [InlineData("HandlerGrace", "00:02:00", "HandlerGrace (00:02:00) for queue 'emails' must be between 00:00:00 and 00:01:00.")]
    [InlineData("PollInterval", "00:00:02", "PollInterval (00:00:02) for queue 'emails' must be between 00:00:00.0100000 and 00:00:01.")]
    [InlineData("UnknownTypeRetention", "00:00:01", "UnknownTypeRetention (00:00:01) for queue 'emails' must be between 00:01:00 and 30.00:00:00.")]
    public async Task Start_BadQueueOption_SaysWhichValueAndLimit(string option, string value, string text)
    {
        await using var rig = new SetRig(($"ReliableQueue:Queues:emails:{option}", value));
        rig.Add.AddReliableWorker(worker => worker.UseBroker(SetRig.NewBroker).AddHandler<Greeting, GreetingHandler>("emails"));

        Assert.Equal([text], await rig.FaultsAsync());
    }

    [Theory]
    [InlineData("Messages:EnqueueTimeout", "00:00:00", "EnqueueTimeout (00:00:00) must be between 00:00:00.1000000 and 00:10:00.")]
    [InlineData("Messages:MaxBodyBytes", "0", "MaxBodyBytes (0) must be between 1 and 67108864.")]
    [InlineData("Messages:MaxHeaders", "1001", "MaxHeaders (1001) must be between 0 and 1000.")]
    [InlineData("Messages:MaxHeaderBytes", "-5", "MaxHeaderBytes (-5) must be between 0 and 60000.")]
    [InlineData("Messages:MaxDepth", "0", "MaxDepth (0) must be between 1 and 1000.")]
    [InlineData("Worker:StateFileWait", "-00:00:01", "StateFileWait (-00:00:01) must be between 00:00:00 and 01:00:00.")]
    [InlineData("Worker:DrainTimeout", "02:00:00", "DrainTimeout (02:00:00) must be between 00:00:00 and 01:00:00.")]
    [InlineData("Worker:StateFile", " ", "StateFile (' ') must be the path of a file, for example state/worker.db.")]
    public async Task Start_BadOptionOfTheSet_SaysWhichValueAndLimit(string option, string value, string text)
    {
        await using var rig = new SetRig(($"ReliableQueue:{option}", value));
        rig.Add.AddReliableWorker(worker => worker.UseBroker(SetRig.NewBroker).AddHandler<Greeting, GreetingHandler>("emails"));

        Assert.Equal([text], await rig.FaultsAsync());
    }

    [Fact]
    public async Task Start_NamedSet_IsNamedInTheText()
    {
        await using var rig = new SetRig();
        rig.Add.AddReliableWorker("billing", worker => worker
            .UseBroker(SetRig.NewBroker)
            .ConfigureMessages(messages => messages.MaxDepth = -1)
            .AddHandler<Greeting, GreetingHandler>("emails", queue => queue.Concurrency = 0));

        Assert.Equal(
            ["MaxDepth (-1) of 'billing' must be between 1 and 1000.", "Concurrency (0) for queue 'emails' of 'billing' must be between 1 and 10000."],
            await rig.FaultsAsync());
    }

    [Fact]
    public async Task Start_ValueThatIsNoNumber_NamesItsPath()
    {
        await using var rig = new SetRig(("ReliableQueue:Queues:emails:Concurrency", "many"));
        rig.Add.AddReliableWorker(worker => worker.UseBroker(SetRig.NewBroker).AddHandler<Greeting, GreetingHandler>("emails"));

        Assert.Contains("ReliableQueue:Queues:emails:Concurrency", Assert.Single(await rig.FaultsAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_NoBroker_ShowsTheLinesToAdd()
    {
        await using var rig = new SetRig();
        rig.Add.AddReliableWorker(worker => worker.AddHandler<Greeting, GreetingHandler>("emails"));

        var text = Assert.Single(await rig.FaultsAsync());
        Assert.Contains("worker.UseRedis(\"localhost:6379\")", text, StringComparison.Ordinal);
        Assert.Contains("worker.UseSqlite(\"queue.db\")", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_TwoBrokers_IsRefused()
    {
        await using var rig = new SetRig();
        rig.Add.AddReliableQueue(queue => queue.UseSqlite("queue.db").UseRedis("localhost"));

        Assert.StartsWith("2 brokers are chosen for AddReliableQueue(…)", Assert.Single(await rig.FaultsAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_BadOptionOfABroker_IsReportedToo()
    {
        await using var rig = new SetRig(("ReliableQueue:Redis:Prefix", "A:B"));
        rig.Add.AddReliableQueue(queue => queue.UseRedis("localhost"));

        Assert.Contains("Prefix 'A:B'", Assert.Single(await rig.FaultsAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_ManyFaults_AreAllSaidAtOnce()
    {
        await using var rig = new SetRig();
        rig.Add.AddReliableWorker(worker => worker
            .ConfigureWorker(options => options.DrainTimeout = TimeSpan.FromDays(1))
            .ConfigureMessages(messages => messages.MaxHeaders = -1)
            .AddHandler<Greeting, GreetingHandler>("emails", queue => queue.Concurrency = 0)
            .AddHandler<Greeting, GreetingHandler>("emails")
            .Handle("Bad Name", static (AlsoGreeting message, MessageContext context, CancellationToken token) => Task.CompletedTask)
            .Handle("plain", static (string message, MessageContext context, CancellationToken token) => Task.CompletedTask)
            .ConfigureQueue("orphan", queue => queue.Concurrency = 2));
        rig.Add.AddReliableWorker("billing", worker => worker.UseBroker(SetRig.NewBroker));

        var faults = await rig.FaultsAsync();

        string[] expected =
        [
            "No broker is chosen", "DrainTimeout", "MaxHeaders", "Concurrency (0)", "2 handlers are registered", "Queue name 'Bad Name'", "the same name on the wire, 'greeting'",
            "Message type System.String has no name", "Options are set for queue 'orphan'", "AddReliableWorker(\"billing\", …) has no handler",
        ];
        Assert.All(expected, part => Assert.Contains(faults, fault => fault.Contains(part, StringComparison.Ordinal)));
        Assert.Equal(expected.Length, faults.Count);
    }

    [Fact]
    public async Task Start_TwoWorkersWithOneStateFile_IsRefused()
    {
        await using var rig = new SetRig();
        rig.Add.AddReliableWorker("one", worker => worker.UseBroker(SetRig.NewBroker).StateFile("same.db").AddHandler<Greeting, GreetingHandler>("a"));
        rig.Add.AddReliableWorker("two", worker => worker.UseBroker(SetRig.NewBroker).StateFile("./same.db").AddHandler<Greeting, GreetingHandler>("b"));

        Assert.All(await rig.FaultsAsync(), fault => Assert.Contains("the same state file", fault, StringComparison.Ordinal));
    }

    [Fact]
    public async Task GetRequiredService_WithoutAStartedHost_SaysTheSameFaults()
    {
        await using var rig = new SetRig();
        rig.Add.AddReliableQueue(_ => { });

        var exception = Assert.ThrowsAny<OptionsValidationException>(() => rig.Services.GetRequiredService<IQueueClient>());
        Assert.Contains("No broker is chosen for AddReliableQueue(…)", exception.Message, StringComparison.Ordinal);
    }

    /// <summary>Where it was thrown is a place in the framework: twenty lines of that would hide what is to be done.</summary>
    [Fact]
    public async Task Start_Faults_ArePrintedAsTheirTextAlone()
    {
        await using var rig = new SetRig();
        var said = new List<string>();
        rig.Add.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(new ListLoggerProvider(said)));
        rig.Add.AddReliableQueue(queue => queue.ConfigureMessages(messages => messages.MaxDepth = 0));

        var exception = await Assert.ThrowsAnyAsync<OptionsValidationException>(rig.StartAsync);

        Assert.Equal(
            [
                "The setup of ReliableQueue has 2 faults:",
                "- No broker is chosen for AddReliableQueue(…). Add one of these lines: queue.UseRedis(\"localhost:6379\") from the package ReliableQueue.Redis, or queue.UseSqlite(\"queue.db\") from the package ReliableQueue.Sqlite.",
                "- MaxDepth (0) must be between 1 and 1000.",
            ],
            exception.ToString().Split(Environment.NewLine));
        Assert.DoesNotContain(said, text => text.Contains("   at ", StringComparison.Ordinal));
    }

    [MessageType("greeting")]
    private sealed record AlsoGreeting(string Name);
}
