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

    public static EnqueuedMessage Message(string text = "body") =>
        new(MessageId.New(TimeProvider.System, SystemRandomSource.Instance), Encoding.UTF8.GetBytes(text));

    public EnqueueRequest NextEnqueue(params EnqueuedMessage[] messages) => new(new CallStamp(producer, 0, ++enqueues), messages);

    public LeaseRequest NextLease(int most = 10, int suspects = 1) =>
        new(new CallStamp(Worker, 1, ++leases), most, suspects, int.MaxValue, Visibility, MaxDeliveries);

    public async Task<MessageId[]> EnqueueAsync(int count = 1)
    {
        var messages = Enumerable.Range(0, count).Select(_ => Message()).ToArray();
        await broker.EnqueueAsync(Name, NextEnqueue(messages), CancellationToken.None);
        return [.. messages.Select(message => message.Id)];
    }

    public Task<LeaseReply> LeaseAsync(int most = 10, int suspects = 1) => broker.LeaseAsync(Name, NextLease(most, suspects), CancellationToken.None);

    public async Task<SettleResult> SettleAsync(LeasedMessage leased, Settlement settlement) =>
        (await broker.SettleAsync(Name, [new SettleRequest(leased.Lease, settlement)], CancellationToken.None))[0];

    public Task<IReadOnlyList<SettleResult>> AckAsync(IEnumerable<LeasedMessage> leased) => broker.SettleAsync(
        Name, [.. leased.Select(message => new SettleRequest(message.Lease, Settlement.Ack.Instance))], CancellationToken.None);

    public Task<QueueStatistics> CountAsync() => broker.GetStatisticsAsync(Name, CancellationToken.None);
}
