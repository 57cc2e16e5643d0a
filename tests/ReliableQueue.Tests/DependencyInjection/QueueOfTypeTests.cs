using Microsoft.Extensions.DependencyInjection;

namespace ReliableQueue.Tests.DependencyInjection;

/// <summary>A message type may name its queue, so that calls need not.</summary>
public sealed class QueueOfTypeTests
{
    [Fact]
    public async Task Enqueue_TypeThatNamesItsQueue_NeedsNone()
    {
        await using var rig = new SetRig();
        rig.Add.AddSingleton<Guestbook>().AddReliableWorker(worker => worker
            .UseBroker(SetRig.NewBroker)
            .AddHandler<Farewell, FarewellHandler>(queue => queue.Concurrency = 3)
            .Handle(static (Wave wave, Guestbook book, MessageContext context, CancellationToken token) => Sign(book, $"{context.Queue} {wave.Name}")));
        await rig.StartAsync();
        var (client, book) = (rig.Services.GetRequiredService<IQueueClient>(), rig.Services.GetRequiredService<Guestbook>());

        var id = await client.EnqueueAsync(new Farewell("Ada"), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal($"goodbyes {id} Ada", await book.NextAsync());

        await client.EnqueueManyAsync([new Wave("Grace")], cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("waves Grace", await book.NextAsync());
        Assert.Equal(3, rig.OptionsOf("goodbyes").Concurrency);
    }

    [Fact]
    public async Task Enqueue_QueueNamedInTheCall_GoesThere()
    {
        await using var rig = new SetRig();
        rig.Add.AddSingleton<Guestbook>().AddReliableWorker(worker => worker.UseBroker(SetRig.NewBroker).AddHandler<Farewell, FarewellHandler>("elsewhere"));
        await rig.StartAsync();

        var id = await rig.Services.GetRequiredService<IQueueClient>().EnqueueAsync("elsewhere", new Farewell("Ada"), cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal($"elsewhere {id} Ada", await rig.Services.GetRequiredService<Guestbook>().NextAsync());
    }

    [Fact]
    public async Task Enqueue_TypeThatNamesNone_SaysWhatToWrite()
    {
        await using var rig = new SetRig();
        rig.Add.AddReliableQueue(queue => queue.UseBroker(SetRig.NewBroker));
        var client = rig.Services.GetRequiredService<IQueueClient>();

        var one = await Assert.ThrowsAsync<ArgumentException>(() => client.EnqueueAsync(new Greeting("Ada")));
        var many = await Assert.ThrowsAsync<ArgumentException>(() => client.EnqueueManyAsync<Greeting>([]));

        Assert.Contains("[MessageType(\"…\", Queue = \"emails\")]", one.Message, StringComparison.Ordinal);
        Assert.Equal(one.Message, many.Message);
    }

    [Fact]
    public async Task Start_HandlerWithoutAQueueOfATypeThatNamesNone_IsAFault()
    {
        await using var rig = new SetRig();
        rig.Add.AddReliableWorker(worker => worker.UseBroker(SetRig.NewBroker).AddHandler<Greeting, GreetingHandler>());

        var fault = Assert.Single(await rig.FaultsAsync());

        Assert.StartsWith("Message type ReliableQueue.Tests.DependencyInjection.Greeting names no queue", fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_TypeThatNamesABadQueue_IsAFault()
    {
        await using var rig = new SetRig();
        rig.Add.AddReliableWorker(worker => worker
            .UseBroker(SetRig.NewBroker)
            .Handle(static (Misnamed message, MessageContext context, CancellationToken token) => Task.CompletedTask));

        Assert.StartsWith("Queue name 'Mis named' must be", Assert.Single(await rig.FaultsAsync()), StringComparison.Ordinal);
    }

    private static Task Sign(Guestbook book, string name)
    {
        book.Sign(name);
        return Task.CompletedTask;
    }

    [MessageType("farewell", Queue = "goodbyes")]
    private sealed record Farewell(string Name);

    [MessageType("wave", Queue = "waves")]
    private sealed record Wave(string Name);

    [MessageType("misnamed", Queue = "Mis named")]
    private sealed record Misnamed(string Name);

    private sealed class FarewellHandler(Guestbook book) : IMessageHandler<Farewell>
    {
        public Task HandleAsync(Farewell message, MessageContext context, CancellationToken cancellationToken) => Sign(book, $"{context.Queue} {context.Id} {message.Name}");
    }
}
