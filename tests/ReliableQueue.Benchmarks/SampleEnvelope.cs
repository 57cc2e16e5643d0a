using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ReliableQueue.Broker;
using ReliableQueue.Redis;
using StackExchange.Redis;

namespace ReliableQueue.Benchmarks;

/// <summary>Takes the stored form of one message from the library itself, so that the bare scripts move the same bytes.</summary>
internal static class SampleEnvelope
{
    public static async Task<byte[]> TakeAsync(string configuration, string prefix, RedisProbe probe)
    {
        probe.Clear();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddReliableQueue(queue => queue
            .UseBroker(_ => RedisBroker.Open(new RedisBrokerOptions { Configuration = configuration, Prefix = prefix }))
            .AddJsonContext(NumberedContext.Default));
        using var host = builder.Build();
        await host.Services.GetRequiredService<IQueueClient>().EnqueueAsync("bench", new Numbered(123_456, Numbered.Hundred));
        var broker = host.Services.GetRequiredService<IQueueBroker>();
        var call = new CallStamp(SessionId.New(SystemRandomSource.Instance), 0, 1);
        var reply = await broker.LeaseAsync(new LeaseRequest(QueueName.Parse("bench"), call, 1, TimeSpan.FromSeconds(30), 5), CancellationToken.None);
        return reply.Messages[0].Envelope.ToArray();
    }
}
