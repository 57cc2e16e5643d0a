using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using ReliableQueue.Broker;
using ReliableQueue.Producing;
using ReliableQueue.TestKit;
using ReliableQueue.Tests.DependencyInjection;

namespace ReliableQueue.Tests.Security;

/// <summary>A whole worker on the embedded broker, and a way past the producer into its queue.</summary>
internal sealed class HostileRig : IAsyncDisposable
{
    private readonly SetRig rig = new();
    private readonly CallLane lane = new(SessionId.New(SystemRandomSource.Instance), 0);

    public HostileRig()
    {
        rig.Add.AddLogging();
        rig.Add.AddReliableWorker(worker => worker
            .UseSqlite(Path.Combine(rig.Folder, "queue.db"))
            .Handle<Parcel>(Queue.Value, (_, context, _) =>
            {
                Handled.Enqueue(context.Id);
                return Task.CompletedTask;
            })
            .ConfigureQueue(Queue.Value, queue => queue.Concurrency = 64));
        rig.Add.AddHealthChecks().AddReliableQueue();
    }

    public static QueueName Queue { get; } = QueueName.Parse("parcels");

    public ConcurrentQueue<MessageId> Handled { get; } = new();

    public IQueueClient Client => rig.Services.GetRequiredService<IQueueClient>();

    private IQueueBroker Broker => rig.Services.GetRequiredService<IQueueBroker>();

    public Task StartAsync() => rig.StartAsync();

    /// <summary>Puts bytes into the queue as they are.</summary>
    public async Task<Dictionary<MessageId, byte[]>> PutAsync(IEnumerable<byte[]> envelopes)
    {
        Dictionary<MessageId, byte[]> put = [];
        foreach (var batch in envelopes.Chunk(BrokerLimits.BatchSize))
        {
            var messages = Array.ConvertAll(batch, envelope => new NewMessage(MessageId.New(TimeProvider.System, SystemRandomSource.Instance), envelope));
            await Broker.EnqueueAsync(new EnqueueRequest(Queue, lane.Stamp, messages), CancellationToken.None);
            lane.Answered();
            foreach (var message in messages)
            {
                put.Add(message.Id, message.Envelope.ToArray());
            }
        }

        return put;
    }

    /// <summary>Waits until nothing is ready or leased; what is parked remains.</summary>
    public async Task<QueueStatistics> QuietAsync()
    {
        QueueStatistics? last = null;
        await Eventually.TrueAsync(
            async () => (last = await Broker.Admin.GetStatisticsAsync(Queue, CancellationToken.None)) is { Ready: 0, Leased: 0 }, "everything was looked at", TimeSpan.FromMinutes(1));
        return last ?? throw new InvalidOperationException("No statistics were read.");
    }

    public async Task<Dictionary<MessageId, StoredMessage>> DeadAsync() => (await Broker.DeadLettersAsync(Queue)).ToDictionary(letter => letter.Id);

    public async Task<HealthStatus> HealthAsync() => (await rig.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Status;

    public ValueTask DisposeAsync() => rig.DisposeAsync();
}
