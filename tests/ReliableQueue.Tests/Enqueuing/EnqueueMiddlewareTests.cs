using Microsoft.Extensions.DependencyInjection;
using ReliableQueue.Tests.DependencyInjection;

namespace ReliableQueue.Tests.Enqueuing;

public sealed class EnqueueMiddlewareTests
{
    [Fact]
    public async Task EnqueueAsync_Middleware_AddsHeadersInOrderAndKeepsThoseOfTheCaller()
    {
        var first = new Adding("tenant", "t1");
        var second = new Adding("tenant", "t2");
        await using var rig = new EnqueueRig(first, second, new Adding("culture", "de"));

        var headers = await rig.HeadersSentAsync(new EnqueueOptions { Headers = new Dictionary<string, string> { ["culture"] = "fr" } });

        Assert.Equal([("culture", "fr"), ("tenant", "t1")], headers.OrderBy(header => header.Key, StringComparer.Ordinal).Select(header => (header.Key, header.Value)));
        Assert.Equal(("emails", "note", true, false), (first.Seen?.Queue, first.Seen?.MessageType, first.Added, second.Added));
    }

    [Fact]
    public async Task EnqueueManyAsync_Middleware_IsCalledOnceForTheCall()
    {
        var adding = new Adding("tenant", "t1");
        await using var rig = new EnqueueRig(adding);
        var enqueued = rig.Client.EnqueueManyAsync("emails", [new Note("a"), new Note("b")], null, default);
        var attempt = await rig.Broker.NextAsync();
        attempt.Store();
        await enqueued;

        Assert.All(attempt.Request.Messages, message => Assert.Equal("t1", EnqueueRig.Decoded(message).Headers["tenant"]));
        Assert.Equal((2, 1), (attempt.Request.Messages.Count, adding.Calls));
    }

    [Fact]
    public async Task EnqueueAsync_MiddlewareThatThrows_EnqueuesNothing()
    {
        await using var rig = new EnqueueRig(new Throwing());

        Assert.Equal("no tenant", (await Assert.ThrowsAsync<InvalidOperationException>(() => rig.EnqueueAsync())).Message);
        Assert.False(rig.Broker.HasAttempt);
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    public async Task EnqueueAsync_HeaderOutOfBounds_NamesTheMiddlewareAndEnqueuesNothing(string name)
    {
        await using var rig = new EnqueueRig(new Adding(name, "x"));

        Assert.Contains(nameof(Adding), (await Assert.ThrowsAsync<InvalidOperationException>(() => rig.EnqueueAsync())).Message, StringComparison.Ordinal);
        Assert.False(rig.Broker.HasAttempt);
    }

    [Fact]
    public async Task UseOnEnqueue_InAnApplication_ReachesTheHandler()
    {
        await using var rig = new SetRig();
        rig.Add.AddSingleton<Guestbook>().AddSingleton(new Adding("signed-by", "Ada")).AddReliableWorker(worker => worker
            .UseBroker(SetRig.NewBroker)
            .UseOnEnqueue<Adding>()
            .Handle<Greeting, Guestbook>("greetings", (_, book, context, _) =>
            {
                book.Sign(context.Headers["signed-by"]);
                return Task.CompletedTask;
            }));
        await rig.StartAsync();

        await rig.Services.GetRequiredService<IQueueClient>().EnqueueAsync("greetings", new Greeting("Bob"), cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal("Ada", await rig.Services.GetRequiredService<Guestbook>().NextAsync());
    }

    [Fact]
    public async Task UseOnEnqueue_ServiceThatNobodyRegistered_IsNamedAtStart()
    {
        await using var rig = new SetRig();
        rig.Add.AddReliableQueue(queue => queue.UseBroker(SetRig.NewBroker).UseOnEnqueue<Needing>());

        Assert.Contains(nameof(Unknown), Assert.Single(await rig.FaultsAsync()), StringComparison.Ordinal);
    }

    private sealed class Adding(string name, string value) : IEnqueueMiddleware
    {
        public EnqueueContext? Seen { get; private set; }

        public bool Added { get; private set; }

        public int Calls { get; private set; }

        public void OnEnqueue(EnqueueContext context)
        {
            Seen = context;
            Calls++;
            Added = context.TryAddHeader(name, value);
        }
    }

    private sealed class Throwing : IEnqueueMiddleware
    {
        public void OnEnqueue(EnqueueContext context) => throw new InvalidOperationException("no tenant");
    }

    private sealed class Unknown;

    private sealed class Needing(Unknown service) : IEnqueueMiddleware
    {
        public void OnEnqueue(EnqueueContext context) => context.TryAddHeader("service", service.ToString() ?? "");
    }
}
