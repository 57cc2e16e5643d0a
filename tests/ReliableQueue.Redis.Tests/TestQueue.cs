using System.Text;
using ReliableQueue.Broker;

namespace ReliableQueue.Redis.Tests;

/// <summary>One queue of a broker, with a producer's and a worker's lanes, so that a test reads as a story.</summary>
internal sealed class TestQueue(IQueueBroker broker, string name = "emails")
{
    private readonly SessionId producer = SessionId.New(SystemRandomSource.Instance);
    private long enqueues;
    private long leases;

    public IQueueBroker Broker => broker;

    public QueueName Name { get; } = QueueName.Parse(name);

    public SessionId Worker { get; init; } = SessionId.New(SystemRandomSource.Instance);

    public TimeSpan Visibility { get; init; } = TimeSpan.FromSeconds(30);

    public int MaxDeliveries { get; init; } = 5;

    public static NewMessage Message(string text = "body") =>
        new(MessageId.New(TimeProvider.System, SystemRandomSource.Instance), Encoding.UTF8.GetBytes(text));

    public EnqueueRequest NextEnqueue(params NewMessage[] messages) => new(Name, new CallStamp(producer, 0, ++enqueues), messages);

    public LeaseRequest NextLease(int most = 10, int suspects = 1) =>
        new(Name, new CallStamp(Worker, 1, ++leases), most, Visibility, MaxDeliveries) { MaxSuspects = suspects };

    public async Task<MessageId[]> EnqueueAsync(int count = 1)
    {
        var messages = Enumerable.Range(0, count).Select(_ => Message()).ToArray();
        await broker.EnqueueAsync(NextEnqueue(messages), CancellationToken.None);
        return [.. messages.Select(message => message.Id)];
    }

    public Task<LeaseReply> LeaseAsync(int most = 10, int suspects = 1) => broker.LeaseAsync(NextLease(most, suspects), CancellationToken.None);

    public async Task<SettleResult> SettleAsync(LeasedMessage leased, Settlement settlement) =>
        (await broker.SettleAsync(new SettleRequest(Name, [new LeaseSettlement(leased.Lease, settlement)]), CancellationToken.None)).Results[0];

    public async Task<IReadOnlyList<SettleResult>> AckAsync(IEnumerable<LeasedMessage> leased)
    {
        LeaseSettlement[] acks = [.. leased.Select(message => new LeaseSettlement(message.Lease, Settlement.Ack.Plain))];
        return (await broker.SettleAsync(new SettleRequest(Name, acks), CancellationToken.None)).Results;
    }

    public Task<QueueStatistics> CountAsync() => broker.Admin.GetStatisticsAsync(Name, CancellationToken.None);
}
