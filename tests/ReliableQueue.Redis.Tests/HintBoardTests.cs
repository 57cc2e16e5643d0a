using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;
using Xunit;

namespace ReliableQueue.Redis.Tests;

public sealed class HintBoardTests(SharedRedis redis)
{
    [Fact]
    public async Task Attach_TheSameConnectionGivenAgainByAFactory_CallsAHintOnce()
    {
        using var multiplexer = await ConnectionMultiplexer.ConnectAsync(redis.Server.Configuration + ",connectTimeout=20000");
        var source = new ConnectionSource(null, true, 0, _ => Task.FromResult(StackExchangeClient.Borrow(multiplexer, null)));
        await using var link = new RedisLink(source, TimeSpan.FromSeconds(20), TimeProvider.System, NullLogger.Instance);
        var (channel, end) = ("h" + Guid.NewGuid().ToString("n"), "e" + Guid.NewGuid().ToString("n"));
        var (hints, ended) = (0, new TaskCompletionSource());
        using var listening = link.Hints.Add(channel, () => hints++);

        link.Hints.Attach(StackExchangeClient.Borrow(multiplexer, null));
        link.Hints.Attach(StackExchangeClient.Borrow(multiplexer, null));

        // One connection keeps the order: when the second channel speaks, the first has.
        await multiplexer.GetSubscriber().SubscribeAsync(new RedisChannel(end, RedisChannel.PatternMode.Literal), (_, _) => ended.SetResult());
        await redis.Database.PublishAsync(new RedisChannel(channel, RedisChannel.PatternMode.Literal), "");
        await redis.Database.PublishAsync(new RedisChannel(end, RedisChannel.PatternMode.Literal), "");
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.Equal(1, hints);
    }
}
