using Microsoft.Extensions.DependencyInjection;

namespace ReliableQueue.Tests.DependencyInjection;

public sealed class BatchHandlerTests
{
    [Fact]
    public async Task AddBatchHandler_InAnApplication_IsGivenWhatWasEnqueuedTogether()
    {
        await using var rig = new SetRig(("ReliableQueue:Queues:greetings:Batch:Linger", "00:00:30"));
        rig.Add.AddSingleton<Guestbook>().AddReliableWorker(worker => worker
            .UseBroker(SetRig.NewBroker)
            .AddBatchHandler<Greeting, Signing>("greetings", queue => (queue.Concurrency, queue.Batch.Size) = (10, 3)));
        await rig.StartAsync();

        await rig.Services.GetRequiredService<IQueueClient>().EnqueueManyAsync(
            "greetings", [new Greeting("Ada"), new Greeting("Bob"), new Greeting("Cleo")], cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal("Ada Bob Cleo", await rig.Services.GetRequiredService<Guestbook>().NextAsync());
    }

    [Fact]
    public async Task AddBatchHandler_ServiceThatNobodyRegistered_IsNamedAtStart()
    {
        await using var rig = new SetRig();
        rig.Add.AddReliableWorker(worker => worker.UseBroker(SetRig.NewBroker).AddBatchHandler<Greeting, Needing>("greetings"));

        Assert.Contains(nameof(Unknown), Assert.Single(await rig.FaultsAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddBatchHandler_SecondHandlerOfTheType_IsNamedAtStart()
    {
        await using var rig = new SetRig();
        rig.Add.AddSingleton<Guestbook>().AddReliableWorker(worker => worker
            .UseBroker(SetRig.NewBroker)
            .AddHandler<Greeting, GreetingHandler>("greetings")
            .AddBatchHandler<Greeting, Signing>("greetings"));

        Assert.Contains("2 handlers are registered", Assert.Single(await rig.FaultsAsync()), StringComparison.Ordinal);
    }

    private sealed class Unknown;

    private sealed class Needing(Unknown service) : IBatchHandler<Greeting>
    {
        public Task HandleAsync(IReadOnlyList<BatchItem<Greeting>> batch, CancellationToken cancellationToken) => Task.FromResult(service);
    }

    private sealed class Signing(Guestbook book) : IBatchHandler<Greeting>
    {
        public Task HandleAsync(IReadOnlyList<BatchItem<Greeting>> batch, CancellationToken cancellationToken)
        {
            book.Sign(string.Join(' ', batch.Select(item => item.Message.Name).Order(StringComparer.Ordinal)));
            return Task.CompletedTask;
        }
    }
}
