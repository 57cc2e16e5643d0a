using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using ReliableQueue.Broker;
using ReliableQueue.TestKit;
using ReliableQueue.Tests.DependencyInjection;

namespace ReliableQueue.Tests.Security;

/// <summary>A worker on Redis with a canary in every place that holds a secret, and everything it says.</summary>
internal sealed class CanaryRig : IAsyncDisposable
{
    public const string Password = "canary-password-7f3a";
    public const string Payload = "canary-payload-51cc";
    public const string Header = "canary-header-e802";
    public const string Thrown = "canary-thrown-44d0";

    public static readonly string[] Canaries = [Password, Payload, Header, Thrown];

    private readonly SetRig rig = new();

    public CanaryRig(string address, CanaryLog log, string password = Password)
    {
        Log = log;
        rig.Add.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(log));
        rig.Add.AddReliableWorker(worker => worker
            .UseRedis($"{address},password={password},connectTimeout=5000,connectRetry=1", redis => redis.CallTimeout = TimeSpan.FromSeconds(5))
            .ConfigureMessages(messages => messages.EnqueueTimeout = TimeSpan.FromSeconds(10))
            .Handle<Errand>(Queue.Value, Handle)
            .ConfigureQueue(Queue.Value, queue => (queue.Retry.Delay, queue.Retry.MaxDelay, queue.Retry.MaxDeliveries) = (TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1), 2)));
        rig.Add.AddHealthChecks().AddReliableQueue();
    }

    public static QueueName Queue { get; } = QueueName.Parse("canaries");

    public CanaryLog Log { get; }

    /// <summary>What callers were thrown and health checks said.</summary>
    public ConcurrentQueue<string> Told { get; } = new();

    public string StatePath => Path.Combine(rig.Folder, "state", "worker.db");

    public IQueueBroker Broker => rig.Services.GetRequiredService<IQueueBroker>();

    public Task StartAsync() => CatchAsync(rig.StartAsync);

    public Task EnqueueAsync<TMessage>(TMessage message) => CatchAsync(() => rig.Services.GetRequiredService<IQueueClient>().EnqueueAsync(
        Queue.Value, message, new EnqueueOptions { Headers = new Dictionary<string, string> { ["authorization"] = Header } }));

    /// <summary>Bytes that the producer would not have written.</summary>
    public Task PutAsync(byte[] envelope) => Broker.EnqueueAsync(
        new EnqueueRequest(
            Queue,
            new CallStamp(SessionId.New(SystemRandomSource.Instance), 0, 1),
            [new NewMessage(MessageId.New(TimeProvider.System, SystemRandomSource.Instance), envelope)]),
        CancellationToken.None);

    public async Task<HealthReport> AskHealthAsync()
    {
        var report = await rig.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        foreach (var entry in report.Entries.Values)
        {
            Told.Enqueue($"{entry.Description} {entry.Exception} {string.Join(' ', entry.Data)}");
        }

        return report;
    }

    public ValueTask DisposeAsync() => rig.DisposeAsync();

    private async Task CatchAsync(Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (Exception exception)
        {
            Told.Enqueue(exception.ToString());
        }
    }

    private static Task Handle(Errand errand, MessageContext context, CancellationToken cancellationToken) => errand.Act switch
    {
        "throw" => throw new InvalidOperationException(Thrown),
        "reject" => throw new RejectMessageException(Thrown),
        _ => Task.CompletedTask,
    };
}
