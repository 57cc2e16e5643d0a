using ReliableQueue.Setup;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ReliableQueue.Broker;
using ReliableQueue.Working.Life;

namespace ReliableQueue.Tests.DependencyInjection;

public sealed class SetShapeTests
{
    [Fact]
    public async Task AddReliableWorker_HandlerClass_HandlesWhatIsEnqueued()
    {
        await using var rig = new SetRig();
        rig.Add.AddSingleton<Guestbook>().AddReliableWorker(worker => worker.UseBroker(SetRig.NewBroker).AddHandler<Greeting, GreetingHandler>("greetings"));
        await rig.StartAsync();

        await rig.Services.GetRequiredService<IQueueClient>().EnqueueAsync("greetings", new Greeting("Ada"), cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal("Ada", await rig.Services.GetRequiredService<Guestbook>().NextAsync());
        Assert.True(File.Exists(Path.Combine(rig.Folder, "state", "worker.db")));
    }

    [Fact]
    public async Task Handle_Delegates_GetServicesOfTheDeliverysScope()
    {
        await using var rig = new SetRig();
        rig.Add.AddSingleton<Guestbook>().AddScoped<object>().AddReliableWorker(worker => worker
            .UseBroker(SetRig.NewBroker)
            .Handle("one", static (Greeting greeting, Guestbook book, MessageContext context, CancellationToken token) => Sign(book, $"{context.Queue} {greeting.Name}"))
            .Handle("two", static (Greeting greeting, object first, Guestbook book, MessageContext context, CancellationToken token) => Sign(book, $"{context.Queue} {greeting.Name}"))
            .Handle(
                "three",
                static (Greeting greeting, object first, object second, Guestbook book, MessageContext context, CancellationToken token) =>
                    Sign(book, ReferenceEquals(first, second) ? $"{context.Queue} {greeting.Name}" : "two scopes")));
        await rig.StartAsync();
        var client = rig.Services.GetRequiredService<IQueueClient>();
        var book = rig.Services.GetRequiredService<Guestbook>();

        foreach (var queue in new[] { "one", "two", "three" })
        {
            await client.EnqueueAsync(queue, new Greeting("Ada"), cancellationToken: TestContext.Current.CancellationToken);
            Assert.Equal(queue + " Ada", await book.NextAsync());
        }
    }

    [Fact]
    public async Task Handle_DelegateWithoutServices_IsCalled()
    {
        await using var rig = new SetRig();
        var book = new Guestbook();
        rig.Add.AddReliableWorker(worker => worker
            .UseBroker(SetRig.NewBroker)
            .Handle("greetings", (Greeting greeting, MessageContext context, CancellationToken token) => Sign(book, greeting.Name)));
        await rig.StartAsync();

        await rig.Services.GetRequiredService<IQueueClient>().EnqueueAsync("greetings", new Greeting("Ada"), cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal("Ada", await book.NextAsync());
    }

    [Fact]
    public async Task AddReliableWorker_Twice_AddsToTheFirst()
    {
        await using var rig = new SetRig();
        rig.Add.AddReliableWorker(worker => worker.UseBroker(SetRig.NewBroker).AddHandler<Greeting, GreetingHandler>("one", queue => queue.Concurrency = 3));
        rig.Add.AddReliableWorker(worker => worker.AddHandler<Greeting, GreetingHandler>("two").ConfigureQueue("one", queue => queue.Retry.MaxDeliveries = 9));

        var blueprint = rig.Services.GetRequiredService<WorkerBlueprint>();

        Assert.Equal(["one", "two"], blueprint.Queues.Select(queue => queue.Queue.Value));
        Assert.Equal((3, 9), (blueprint.Queues[0].Leasing.Concurrency, blueprint.Queues[0].Settling.MaxDeliveries));
        Assert.Single(rig.Services.GetServices<IHostedService>().OfType<ReliableWorkerHost>());
    }

    [Fact]
    public async Task AddReliableWorker_Named_MakesAKeyedSet()
    {
        await using var rig = new SetRig(
            ("ReliableQueue:Sets:billing:Queues:invoices:Concurrency", "4"),
            ("ReliableQueue:Queues:invoices:Concurrency", "5"),
            ("ReliableQueue:Sets:billing:Messages:MaxBodyBytes", "77"));
        rig.Add.AddReliableWorker(worker => worker.UseBroker(SetRig.NewBroker).AddHandler<Greeting, GreetingHandler>("invoices"));
        rig.Add.AddReliableWorker("billing", worker => worker.UseBroker(SetRig.NewBroker).AddHandler<Greeting, GreetingHandler>("invoices"));

        var unnamed = rig.Services.GetRequiredService<WorkerBlueprint>();
        var billing = rig.Services.GetRequiredKeyedService<WorkerBlueprint>("billing");

        Assert.Equal((5, 4), (unnamed.Queues[0].Leasing.Concurrency, billing.Queues[0].Leasing.Concurrency));
        Assert.Equal((262_144, 77), (unnamed.Queues[0].Leasing.Limits.MaxBodyBytes, billing.Queues[0].Leasing.Limits.MaxBodyBytes));
        Assert.NotSame(rig.Services.GetRequiredService<IQueueClient>(), rig.Services.GetRequiredKeyedService<IQueueClient>("billing"));
        Assert.NotSame(unnamed.Broker, billing.Broker);
        Assert.Equal(Path.Combine(rig.Folder, "state", "billing.db"), billing.StateFile.Path);
    }

    [Fact]
    public async Task AddReliableWorker_Configuration_IsBoundAndCodeWins()
    {
        await using var rig = new SetRig(
            ("ReliableQueue:Worker:DrainTimeout", "00:00:07"),
            ("ReliableQueue:Worker:StateFile", "elsewhere/w.db"),
            ("ReliableQueue:Messages:EnqueueTimeout", "00:00:03"),
            ("ReliableQueue:Queues:greetings:Concurrency", "4"),
            ("ReliableQueue:Queues:greetings:VisibilityTimeout", "00:02:00"),
            ("ReliableQueue:Queues:greetings:HandlerTimeout", "00:05:00"));
        rig.Add.AddReliableWorker(worker => worker.UseBroker(SetRig.NewBroker).AddHandler<Greeting, GreetingHandler>("greetings", queue => queue.Concurrency = 6));

        var blueprint = rig.Services.GetRequiredService<WorkerBlueprint>();
        var queue = blueprint.Queues[0].Leasing;

        Assert.Equal((6, TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(5)), (queue.Concurrency, queue.VisibilityTimeout, queue.HandlerTimeout));
        Assert.Equal(TimeSpan.FromSeconds(7), blueprint.DrainTimeout);
        Assert.Equal(Path.Combine(rig.Folder, "elsewhere", "w.db"), blueprint.StateFile.Path);
    }

    [Fact]
    public async Task UseConfiguration_Section_ReplacesTheDefaultOne()
    {
        await using var rig = new SetRig(("ReliableQueue:Messages:MaxHeaders", "1"));
        var section = new ConfigurationBuilder().AddInMemoryCollection([new("Messages:MaxHeaders", "2")]).Build();
        rig.Add.AddReliableWorker(worker => worker.UseBroker(SetRig.NewBroker).UseConfiguration(section).AddHandler<Greeting, GreetingHandler>("greetings"));

        Assert.Equal(2, rig.Services.GetRequiredService<WorkerBlueprint>().Queues[0].Leasing.Limits.MaxHeaders);
    }

    [Fact]
    public async Task Operator_OfEverySet_IsThereWithoutAWorkerAndSeesItsOwnBroker()
    {
        await using var rig = new SetRig();
        rig.Add.AddReliableQueue(queue => queue.UseBroker(SetRig.NewBroker));
        rig.Add.AddReliableQueue("billing", queue => queue.UseBroker(SetRig.NewBroker));
        var token = TestContext.Current.CancellationToken;

        await rig.Services.GetRequiredService<IQueueClient>().EnqueueAsync("greetings", new Greeting("Ada"), cancellationToken: token);

        Assert.Equal(["greetings"], await rig.Services.GetRequiredService<IQueueOperator>().ListQueuesAsync(token).ToListAsync(token));
        Assert.Empty(await rig.Services.GetRequiredKeyedService<IQueueOperator>("billing").ListQueuesAsync(token).ToListAsync(token));
    }

    [Fact]
    public async Task AddReliableQueue_Alone_RegistersNoWorker()
    {
        await using var rig = new SetRig();
        rig.Add.AddReliableQueue(queue => queue.UseBroker(SetRig.NewBroker));
        await rig.StartAsync();

        await rig.Services.GetRequiredService<IQueueClient>().EnqueueAsync("greetings", new Greeting("Ada"), cancellationToken: TestContext.Current.CancellationToken);

        Assert.Empty(rig.Services.GetServices<IHostedService>().OfType<ReliableWorkerHost>());
        Assert.Equal(1, (await rig.Services.GetRequiredService<IQueueBroker>().Admin.GetStatisticsAsync(QueueName.Parse("greetings"), TestContext.Current.CancellationToken)).Ready);
        Assert.False(Directory.Exists(Path.Combine(rig.Folder, "state")));
    }

    [Fact]
    public async Task UseSqlite_RelativePath_CountsFromTheContentRoot()
    {
        await using var rig = new SetRig(("ReliableQueue:Sqlite:CallTimeout", "00:00:09"));
        rig.Add.AddReliableQueue(queue => queue.UseSqlite("queue.db"));

        await rig.Services.GetRequiredService<IQueueClient>().EnqueueAsync("greetings", new Greeting("Ada"), cancellationToken: TestContext.Current.CancellationToken);

        Assert.True(File.Exists(Path.Combine(rig.Folder, "queue.db")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Billing")]
    [InlineData("a/b")]
    public void AddReliableWorker_BadName_Throws(string name) =>
        Assert.Throws<ArgumentException>(() => new ServiceCollection().AddReliableWorker(name, _ => { }));

    private static Task Sign(Guestbook book, string name)
    {
        book.Sign(name);
        return Task.CompletedTask;
    }
}
