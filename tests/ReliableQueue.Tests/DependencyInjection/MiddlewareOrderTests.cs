using Microsoft.Extensions.DependencyInjection;

namespace ReliableQueue.Tests.DependencyInjection;

public sealed class MiddlewareOrderTests
{
    [Fact]
    public async Task Use_OnTheBuilderAndOnOneQueue_CallsThatOfTheSetFirstAndEachOnItsQueuesOnly()
    {
        await using var rig = new SetRig();
        rig.Add.AddSingleton<Guestbook>().AddReliableWorker(worker => worker
            .UseBroker(SetRig.NewBroker)
            .AddHandler<Greeting, GreetingHandler>("one", queue => queue.Use<OfTheQueue>())
            .AddHandler<Greeting, GreetingHandler>("two")
            .Use<OfTheSet>());
        await rig.StartAsync();
        var client = rig.Services.GetRequiredService<IQueueClient>();
        var book = rig.Services.GetRequiredService<Guestbook>();

        await client.EnqueueAsync("one", new Greeting("Ada"), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(["set", "queue", "Ada"], [await book.NextAsync(), await book.NextAsync(), await book.NextAsync()]);

        await client.EnqueueAsync("two", new Greeting("Bob"), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(["set", "Bob"], [await book.NextAsync(), await book.NextAsync()]);
    }

    private sealed class OfTheSet(Guestbook book) : IDeliveryMiddleware
    {
        public Task InvokeAsync(MessageContext context, DeliveryNext proceed, CancellationToken cancellationToken)
        {
            book.Sign("set");
            return proceed(cancellationToken);
        }
    }

    private sealed class OfTheQueue(Guestbook book) : IDeliveryMiddleware
    {
        public Task InvokeAsync(MessageContext context, DeliveryNext proceed, CancellationToken cancellationToken)
        {
            book.Sign("queue");
            return proceed(cancellationToken);
        }
    }
}
