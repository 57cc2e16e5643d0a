using Microsoft.Extensions.DependencyInjection;
using ReliableQueue.Broker;
using ReliableQueue.FaultWorker;

namespace ReliableQueue.Soak;

/// <summary>A broker that is to be hurt, the way to it of each process, and what can be done to it.</summary>
internal abstract class Stand : IAsyncDisposable
{
    public const string RedisAlways = "redis-always";
    public const string RedisEverySecond = "redis-everysec";
    public const string Sqlite = "sqlite";

    public static readonly string[] Names = [RedisAlways, RedisEverySecond, Sqlite];

    private ServiceProvider? reader;

    /// <summary>Most messages a worker handles at once.</summary>
    public virtual int Slots => 8;

    /// <summary>Version of the server or library.</summary>
    public abstract Task<string> VersionAsync();

    /// <summary>The broker in the words of <see cref="BrokerAddress"/>, for one process.</summary>
    public abstract string AddressOf(string process);

    /// <summary>What can befall the broker and the way to it, each healed when its task ends.</summary>
    public abstract IReadOnlyList<Fault> Faults(Member producer);

    /// <summary>Ends whatever still lasts.</summary>
    public abstract Task HealAsync();

    /// <summary>What is wrong with the store at rest.</summary>
    /// <param name="deadLetters">How many dead letters there are; nothing else may be left.</param>
    /// <param name="starts">How many processes were started on it: each leaves a bounded trace for a day.</param>
    public abstract Task<StoreState> InspectAsync(long deadLetters, int starts);

    public Task<QueueStatistics> CountAsync() => Broker.Admin.GetStatisticsAsync(QueueName.Parse(WorkOrder.Queue), CancellationToken.None);

    public Task<BrowseReply> DeadLettersAsync(string? cursor) => Broker.Admin.BrowseAsync(
        new BrowseRequest(QueueName.Parse(WorkOrder.Queue), MessageState.DeadLettered, cursor, BrokerLimits.BatchSize), CancellationToken.None);

    public virtual async ValueTask DisposeAsync()
    {
        if (reader is not null)
        {
            await reader.DisposeAsync();
        }
    }

    public static async Task<Stand> StartAsync(string name, string folder) => name switch
    {
        RedisAlways => await RedisStand.WithSyncAsync("always", folder),
        RedisEverySecond => await RedisStand.WithSyncAsync("everysec", folder),
        _ => new SqliteStand(folder),
    };

    /// <summary>The straight way, past every proxy.</summary>
    protected abstract string StraightAddress { get; }

    private IQueueBroker Broker => (reader ??= new ServiceCollection().AddLogging().AddReliableQueue(queue => queue.Use(StraightAddress)).BuildServiceProvider())
        .GetRequiredService<IQueueBroker>();
}
