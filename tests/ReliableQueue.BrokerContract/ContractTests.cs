using ReliableQueue.Broker;
using ReliableQueue.TestKit;
using Xunit;

namespace ReliableQueue.BrokerContract;

/// <summary>What all contract tests share: a harness and a queue of their own, and a producer and a worker that number their calls.</summary>
public abstract class ContractTests : IAsyncLifetime
{
    protected static readonly TimeSpan Visibility = ContractClient.Visibility;

    /// <summary>Past the end of every lease that lasts <see cref="Visibility"/>.</summary>
    protected static readonly TimeSpan PastVisibility = TimeSpan.FromSeconds(320);

    protected static readonly Settlement Ack = Settlement.Ack.Plain;
    protected static readonly Settlement RetryNow = new Settlement.Retry(TimeSpan.Zero, null);
    protected static readonly Settlement ReleaseNow = new Settlement.Release(TimeSpan.Zero);
    protected static readonly Settlement Reject = new Settlement.DeadLetter(DeadLetterReason.Rejected, "no such address");

    private BrokerHarness? harness;
    private ContractClient? producer;
    private ContractClient? worker;

    public static TheoryData<string> Settlements => ["ack", "retry", "release", "dead-letter"];

    protected BrokerHarness Harness => harness ?? throw new InvalidOperationException("The test has not started.");

    protected IQueueBroker Broker => Harness.Broker;

    protected QueueName Queue { get; } = NewQueue();

    protected ContractClient Producer => producer ??= NewClient();

    protected ContractClient Worker => worker ??= NewClient();

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => harness = await StartAsync();

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Harness.DisposeAsync();
    }

    /// <summary>Makes the harness of one test.</summary>
    protected abstract ValueTask<BrokerHarness> StartAsync();

    protected static QueueName NewQueue() => QueueName.Parse("contract-" + SessionId.New(SystemRandomSource.Instance));

    protected static Settlement Named(string name) => name switch
    {
        "ack" => Ack,
        "retry" => RetryNow,
        "release" => ReleaseNow,
        _ => Reject,
    };

    /// <summary>A run of its own: new session, lanes at 1.</summary>
    protected ContractClient NewClient() => new(Broker, Queue);

    protected Task AdvanceAsync(TimeSpan by) => Harness.AdvanceAsync(Queue, by);

    protected Task<QueueStatistics> StatisticsAsync() => Broker.Admin.GetStatisticsAsync(Queue, Cancel);

    /// <summary>Ready, scheduled, leased, dead-lettered.</summary>
    protected async Task AssertCountsAsync(long ready = 0, long scheduled = 0, long leased = 0, long dead = 0)
    {
        var counts = await StatisticsAsync();
        Assert.Equal((ready, scheduled, leased, dead), (counts.Ready, counts.Scheduled, counts.Leased, counts.DeadLettered));
    }

    protected async Task<IReadOnlyList<StoredMessage>> DeadLettersAsync() => await Broker.DeadLettersAsync(Queue, Cancel);

    /// <summary>Enqueues one message and leases it.</summary>
    protected async Task<LeasedMessage> LeaseNewAsync()
    {
        await Producer.EnqueueAsync(1);
        return Assert.Single(await Worker.LeaseAsync());
    }

    protected RenewResult Renew(HeldLease lease, TimeSpan? visibility = null)
    {
        using var connection = Broker.OpenRenewalConnection();
        return Assert.Single(connection.Renew(new RenewRequest(Queue, [lease], visibility ?? Visibility)).Results);
    }

    /// <summary>Two times by the broker's clock, of which one may have been told a moment later than the other.</summary>
    protected static void AssertApart(TimeSpan distance, DateTimeOffset? earlier, DateTimeOffset? later) =>
        Assert.True((later - earlier - distance)?.Duration() < TimeSpan.FromSeconds(20) || (earlier is null && later is null), $"{later} is not {distance} after {earlier}.");

    /// <summary>Enqueues messages into an empty queue and brings as many as asked for into each state.</summary>
    protected async Task<Dictionary<MessageState, MessageId[]>> MakeAsync(Func<MessageState, int> count)
    {
        var made = new Dictionary<MessageState, MessageId[]>();
        foreach (var state in Enum.GetValues<MessageState>().Where(state => state != MessageState.Ready))
        {
            var messages = await Producer.EnqueueAsync(count(state));
            var leased = await Worker.LeaseAsync(messages.Length, visibility: 3 * Visibility);
            foreach (var message in leased.Where(_ => state != MessageState.Leased))
            {
                var ending = state == MessageState.Scheduled ? new Settlement.Retry(3 * Visibility, null) : Reject;
                Assert.Equal(SettleResult.Settled, await Worker.SettleAsync(message, ending));
            }

            made[state] = [.. messages.Select(message => message.Id)];
        }

        made[MessageState.Ready] = [.. (await Producer.EnqueueAsync(count(MessageState.Ready))).Select(message => message.Id)];
        return made;
    }

    /// <summary>Loses the workers of a single message a number of times in a row.</summary>
    protected async Task LoseAsync(int times, int maxDeliveries = 100)
    {
        for (var i = 0; i < times; i++)
        {
            Assert.Single(await Worker.LeaseAsync(maxDeliveries: maxDeliveries));
            await AdvanceAsync(PastVisibility);
            await Worker.LeaseAsync(0, maxDeliveries: maxDeliveries);
        }
    }
}
