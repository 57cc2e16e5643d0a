using ReliableQueue.Broker;
using ReliableQueue.TestKit;
using Xunit;

namespace ReliableQueue.Redis.Tests;

public sealed class ReturnAcrossRestartTests
{
    private const int Held = 3_000;

    [Fact]
    public async Task A_session_that_is_being_returned_while_Redis_restarts_is_returned_whole()
    {
        await using var server = await RedisServer.StartAsync("--appendonly", "yes");
        var worker = SessionId.New(SystemRandomSource.Instance);
        await using (var before = Open(server))
        {
            var queue = new TestQueue(before) { Worker = worker };
            for (var batch = 0; batch < Held / BrokerLimits.BatchSize; batch++)
            {
                await queue.EnqueueAsync(BrokerLimits.BatchSize);
                await queue.LeaseAsync(BrokerLimits.BatchSize);
            }

            Assert.Equal(new ReturnReply(500, 0, false, 6, false), await before.ReturnAsync(new ReturnRequest(queue.Name, worker, 5), CancellationToken.None));
        }

        // Another seed for its hashes: a cursor of before means another place now.
        await server.StopAsync();
        await server.StartAgainAsync();
        await using var broker = Open(server);
        var rest = new TestQueue(broker);
        ReturnReply reply;
        do
        {
            reply = await broker.ReturnAsync(new ReturnRequest(rest.Name, worker, 5), CancellationToken.None);
        }
        while (!reply.IsComplete);

        var counts = await rest.CountAsync();
        Assert.Equal((Held, 0), (counts.Ready, counts.Leased));
    }

    private static IQueueBroker Open(RedisServer server) =>
        RedisBroker.Open(new RedisBrokerOptions { Configuration = server.Configuration, CallTimeout = TimeSpan.FromSeconds(20) });
}
