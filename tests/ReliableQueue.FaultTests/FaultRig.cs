using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using ReliableQueue.Broker;
using ReliableQueue.Soak;
using ReliableQueue.TestKit;

namespace ReliableQueue.FaultTests;

/// <summary>One broker, a producer, and the worker processes a test starts on it; all of it is gone when disposed.</summary>
internal sealed class FaultRig : IAsyncDisposable
{
    public const string Sqlite = "sqlite";
    public const string RedisName = "redis";

    /// <summary>Where workers that flood the queue note what they enqueue.</summary>
    public const string FloodFolder = "flood";

    private readonly string folder = Directory.CreateTempSubdirectory("rq-faults-").FullName;
    private readonly List<WorkerProcess> workers = [];
    private readonly List<ServiceProvider> producers = [];
    private readonly Ledger ledger = new();
    private readonly ServiceProvider producer;
    private readonly RedisServer? redis;
    private int maxDeliveries = new QueueOptions().Retry.MaxDeliveries;

    private FaultRig(string broker, RedisServer? redis, string? configuration = null)
    {
        this.redis = Store = redis;
        Address = $"{broker}:{configuration ?? redis?.Configuration ?? Path.Combine(folder, "queue.db")}";
        producer = Produce(Address, TimeSpan.FromSeconds(30));
        Client = Told(producer);
    }

    /// <summary>The broker in the words of <see cref="BrokerAddress"/>.</summary>
    public string Address { get; }

    public RedisServer Redis => redis ?? throw new InvalidOperationException("This test runs without Redis.");

    /// <summary>The Redis that has the queue at the end, where the test has several.</summary>
    public RedisServer? Store { get; set; }

    public QueueName Queue { get; } = QueueName.Parse(WorkOrder.Queue);

    public IQueueBroker Broker => producer.GetRequiredService<IQueueBroker>();

    public IQueueClient Client { get; }

    public static async Task<FaultRig> StartAsync(string broker, params string[] redisArguments) =>
        new(broker, broker == Sqlite ? null : await RedisServer.StartAsync(["--maxmemory-policy", "noeviction", .. redisArguments]));

    /// <summary>On a Redis of the test's own, reached as the configuration says: through a proxy, as one of a cluster.</summary>
    public static FaultRig At(string configuration, RedisServer store) => new(RedisName, null, configuration) { Store = store };

    /// <summary>On a queue file of the test's own.</summary>
    public static FaultRig OnFile(string path) => new(Sqlite, null, path);

    /// <summary>One more producer, on an address of its own. Its first call opens its connection.</summary>
    public IQueueClient NewClient(string address, TimeSpan enqueueTimeout) => Told(Produce(address, enqueueTimeout));

    /// <summary>One more producer whose connection is open, so that none of its time is spent on that.</summary>
    public async Task<IQueueClient> NewConnectedClientAsync(TimeSpan enqueueTimeout)
    {
        var services = Produce(Address, enqueueTimeout);
        await Eventually.TrueAsync(async () => await TryCountAsync(services) is not null, "the producer is connected");
        return Told(services);
    }

    /// <summary>A file of this test.</summary>
    public string PathOf(string name) => Path.Combine(folder, name);

    /// <summary>Starts a worker. The same name means the same state file: a restart of the same worker.</summary>
    /// <param name="name">The worker.</param>
    /// <param name="settings">Options as <c>key=value</c>; those of the queue as <c>queue:key=value</c>.</param>
    public WorkerProcess Start(string name, params string[] settings)
    {
        string[] all =
        [
            $"Broker={Address}",
            $"Effects={PathOf("effects")}",
            $"ReliableQueue:Worker:StateFile={PathOf(name + ".db")}",
            .. settings.Select(setting => setting.Replace("queue:", $"ReliableQueue:Queues:{WorkOrder.Queue}:", StringComparison.Ordinal)),
        ];
        var told = all.Reverse().DistinctBy(setting => setting.Split('=')[0]).ToList();
        if (told.Find(setting => setting.Contains(":MaxDeliveries=", StringComparison.Ordinal)) is { } limit)
        {
            maxDeliveries = int.Parse(limit.AsSpan(limit.IndexOf('=') + 1), CultureInfo.InvariantCulture);
        }

        var worker = WorkerProcess.Start(told);
        workers.Add(worker);
        return worker;
    }

    /// <summary>
    /// Freezes a worker between two of its writes. One frozen inside a transaction of the embedded broker holds up the file for everybody; that is a fault of its own, and
    /// not the one that is meant.
    /// </summary>
    /// <returns>For how long it has been frozen.</returns>
    public async Task<Stopwatch> FreezeAsync(WorkerProcess worker)
    {
        while (true)
        {
            var frozen = Stopwatch.StartNew();
            await worker.FreezeAsync();
            if (await CanWriteAsync())
            {
                return frozen;
            }

            await worker.ThawAsync();
        }
    }

    public Task<MessageId> EnqueueAsync(WorkOrderAct act, int milliseconds = 0) => Client.EnqueueAsync(WorkOrder.Queue, new WorkOrder(act, milliseconds));

    public Task<IReadOnlyList<MessageId>> EnqueueAsync(int count, WorkOrderAct act, int milliseconds = 0) =>
        Client.EnqueueManyAsync(WorkOrder.Queue, Enumerable.Repeat(new WorkOrder(act, milliseconds), count));

    /// <summary>Enqueues until it is told that the broker certainly did not take the message; that a call was on its way when the time was over proves nothing.</summary>
    public static async Task<BrokerUnavailableException> RefusedAsync(IQueueClient client)
    {
        BrokerUnavailableException? refused = null;
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    await client.EnqueueAsync(WorkOrder.Queue, new WorkOrder(WorkOrderAct.Return));
                    throw new InvalidOperationException("The message was enqueued.");
                }
                catch (EnqueueOutcomeUnknownException)
                {
                    return false;
                }
                catch (BrokerUnavailableException certain)
                {
                    refused = certain;
                    return true;
                }
            },
            "enqueuing is refused for certain");
        return refused ?? throw new InvalidOperationException("No exception was caught.");
    }

    public Task<QueueStatistics> CountAsync() => CountAsync(producer);

    /// <summary>
    /// Waits until every message is acked or dead-lettered, and then holds all that was done so far against what was promised: nothing lost, nothing that nobody enqueued, no
    /// message handled again or kept as a dead letter unless the test permits it, no delivery beyond the limit, and nothing left in the broker but what it is to keep.
    /// </summary>
    public async Task<Tally> FinishedAsync(Permitted? permitted = null, TimeSpan? within = null)
    {
        await DrainedAsync(within ?? TimeSpan.FromSeconds(120));
        return await new FinalCheck(this, ledger, workers, maxDeliveries).RunAsync(permitted ?? Permitted.Nothing, starts: workers.Count + producers.Count);
    }

    public Task<IReadOnlyList<StoredMessage>> DeadLettersAsync() => Broker.DeadLettersAsync(Queue);

    /// <summary>What all processes did, in the order they did it.</summary>
    public IReadOnlyList<Effect> Effects() => [.. LinesOf("effects").Select(Effect.Parse).OfType<Effect>().OrderBy(effect => effect.At)];

    /// <summary>All lines of all files of a folder that processes may still write to. Half a line is one too: a process was killed while it wrote.</summary>
    public IEnumerable<string> LinesOf(string name) => Directory.Exists(PathOf(name)) ? Directory.EnumerateFiles(PathOf(name)).SelectMany(ReadLines) : [];

    public IReadOnlyList<Effect> Effects(EffectKind kind, MessageId message) => [.. Effects().Where(effect => effect.Kind == kind && effect.Message == message)];

    /// <summary>Of these messages those that no handler finished and that are no dead letters.</summary>
    public async Task<IReadOnlyList<MessageId>> LostAsync(IEnumerable<MessageId> enqueued)
    {
        var over = Effects().Where(effect => effect.Kind == EffectKind.End).Select(effect => effect.Message).Concat((await DeadLettersAsync()).Select(letter => letter.Id)).ToHashSet();
        return [.. enqueued.Where(message => !over.Contains(message))];
    }

    /// <summary>Messages of which a handler was started, or ended, after a handler had finished them.</summary>
    public IReadOnlyList<MessageId> RunAgain()
    {
        var ended = new HashSet<MessageId>();
        return [.. Effects().Where(effect => effect.Kind == EffectKind.End ? !ended.Add(effect.Message) : effect.Kind == EffectKind.Start && ended.Contains(effect.Message)).Select(effect => effect.Message)];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in workers)
        {
            await worker.DisposeAsync();
        }

        foreach (var services in producers)
        {
            await services.DisposeAsync();
        }

        if (redis is not null)
        {
            await redis.DisposeAsync();
        }

        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Waits until every message is acked or dead-lettered.</summary>
    private async Task DrainedAsync(TimeSpan within)
    {
        QueueStatistics? last = null;
        try
        {
            await Eventually.TrueAsync(
                async () => (last = await TryCountAsync(producer)) is { Ready: 0, Scheduled: 0, Leased: 0 }, "every message is acked or dead-lettered", within);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"{exception.Message} {last}{Environment.NewLine}{string.Join(Environment.NewLine, workers.Select(worker => $"--- {worker.Id}\n{worker.Said}"))}");
        }
    }

    private Task<QueueStatistics> CountAsync(ServiceProvider services) =>
        services.GetRequiredService<IQueueBroker>().Admin.GetStatisticsAsync(Queue, CancellationToken.None);

    /// <summary>Null while the broker cannot be reached: this connection may come back later than those of the workers.</summary>
    private async Task<QueueStatistics?> TryCountAsync(ServiceProvider services)
    {
        try
        {
            return await CountAsync(services);
        }
        catch (BrokerException)
        {
            return null;
        }
    }

    private async Task<bool> CanWriteAsync()
    {
        if (!Address.StartsWith(Sqlite, StringComparison.Ordinal))
        {
            return true;
        }

        await using var probe = SqliteBroker.Create(new SqliteBrokerOptions { Path = PathOf("queue.db"), CallTimeout = TimeSpan.FromMilliseconds(200) });
        try
        {
            await probe.ReturnAsync(new ReturnRequest(Queue, new SessionId(1), MaxDeliveries: 5), CancellationToken.None);
            return true;
        }
        catch (BrokerException)
        {
            return false;
        }
    }

    private ServiceProvider Produce(string address, TimeSpan enqueueTimeout)
    {
        var services = new ServiceCollection()
            .AddLogging()
            .AddReliableQueue(queue => queue.Use(address).ConfigureMessages(messages => messages.EnqueueTimeout = enqueueTimeout))
            .BuildServiceProvider();
        producers.Add(services);
        return services;
    }

    private ToldClient Told(ServiceProvider services) => new ToldClient(services.GetRequiredService<IQueueClient>(), ledger);

    private static IEnumerable<string> ReadLines(string path)
    {
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }
}
