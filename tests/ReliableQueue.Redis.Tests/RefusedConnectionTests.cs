using Microsoft.Extensions.DependencyInjection;
using ReliableQueue.Broker;
using ReliableQueue.TestKit;
using StackExchange.Redis;
using Xunit;

namespace ReliableQueue.Redis.Tests;

/// <summary>A message that certainly was not sent is said to be certainly not enqueued, whoever made the connection.</summary>
public sealed class RefusedConnectionTests
{
    public enum Maker
    {
        Broker,
        Application,
        Factory,
    }

    public static TheoryData<Maker> Makers => [Maker.Broker, Maker.Application, Maker.Factory];

    [Theory]
    [MemberData(nameof(Makers))]
    public async Task A_message_for_a_server_that_was_never_there_is_certainly_not_enqueued(Maker maker)
    {
        await using var connection = await Given.ConnectAsync(maker, $"127.0.0.1:{RedisServer.FreePort()}");
        await AssertUnavailableAsync(connection);
    }

    [Theory]
    [MemberData(nameof(Makers))]
    public async Task A_message_for_a_server_that_went_away_is_certainly_not_enqueued_and_one_after_its_return_is(Maker maker)
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = await Given.ConnectAsync(maker, server.Configuration);
        await using var services = Producer(connection);
        var producer = services.GetRequiredService<IQueueClient>();
        await producer.EnqueueAsync("emails", new Order(1));
        await server.KillAsync();

        // The first may meet a connection that the client does not know to be lost yet.
        await Eventually.TrueAsync(
            async () => await FaultAsync(producer) is BrokerUnavailableException, "the client knows that its connection is lost", TimeSpan.FromSeconds(60));
        Assert.IsType<BrokerUnavailableException>(await FaultAsync(producer));

        await server.StartAgainAsync();
        await Eventually.TrueAsync(async () => await FaultAsync(producer) is null, "the client connects again", TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task A_call_for_a_node_of_a_cluster_that_is_dead_is_certainly_not_done()
    {
        await using var cluster = await RedisCluster.StartAsync();
        await using var broker = RedisBroker.Open(new RedisBrokerOptions { Configuration = cluster.Nodes[0].Configuration, CallTimeout = TimeSpan.FromSeconds(5) });
        var queue = new TestQueue(broker);
        await queue.EnqueueAsync();
        var home = cluster.FirstHomeOf(await cluster.SlotOfAsync(new RedisKeys("rq", queue.Name).Enqueue[0]));
        await home.KillAsync();

        BrokerException? fault = null;
        await Eventually.TrueAsync(
            async () =>
            {
                fault = await Assert.ThrowsAsync<BrokerException>(() => queue.EnqueueAsync());
                return fault.Fault == BrokerFault.NotApplied;
            },
            "the client knows that the node is away",
            TimeSpan.FromSeconds(60));
        for (var i = 0; i < 10; i++)
        {
            fault = await Assert.ThrowsAsync<BrokerException>(() => queue.EnqueueAsync());
            Assert.True(fault.Fault == BrokerFault.NotApplied, fault.ToString());
        }
    }

    private static async Task AssertUnavailableAsync(Given connection)
    {
        await using var services = Producer(connection);
        Assert.IsType<BrokerUnavailableException>(await FaultAsync(services.GetRequiredService<IQueueClient>()));
    }

    private static ServiceProvider Producer(Given connection)
    {
        var services = new ServiceCollection().AddLogging();
        services.AddReliableQueue(queue => queue.UseRedis(options =>
        {
            options.Configuration = connection.Configuration;
            options.Connection = connection.Borrowed;
            options.ConnectionFactory = connection.Factory;
            options.CallTimeout = TimeSpan.FromSeconds(1);
        }).ConfigureMessages(options => options.EnqueueTimeout = TimeSpan.FromSeconds(2)));
        return services.BuildServiceProvider();
    }

    private static async Task<Exception?> FaultAsync(IQueueClient producer)
    {
        try
        {
            await producer.EnqueueAsync("emails", new Order(2));
            return null;
        }
        catch (Exception fault) when (fault is BrokerUnavailableException or EnqueueOutcomeUnknownException)
        {
            return fault;
        }
    }

    [MessageType("order")]
    internal sealed record Order(int Number);

    /// <summary>A connection that somebody makes with the settings he has by default.</summary>
    private sealed record Given(string? Configuration, ConnectionMultiplexer? Borrowed, Func<CancellationToken, Task<IConnectionMultiplexer>>? Factory) : IAsyncDisposable
    {
        public static async Task<Given> ConnectAsync(Maker maker, string configuration)
        {
            if (maker == Maker.Broker)
            {
                return new Given(configuration, null, null);
            }

            var multiplexer = await ConnectionMultiplexer.ConnectAsync(configuration + ",abortConnect=false,connectTimeout=1000");
            return maker == Maker.Application ? new Given(null, multiplexer, null) : new Given(null, null, _ => Task.FromResult<IConnectionMultiplexer>(multiplexer));
        }

        public async ValueTask DisposeAsync()
        {
            var made = Borrowed ?? (Factory is null ? null : await Factory(CancellationToken.None));
            made?.Close(allowCommandsToComplete: false);
            made?.Dispose();
        }
    }
}
