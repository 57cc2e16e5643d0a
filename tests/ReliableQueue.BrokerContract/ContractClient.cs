using ReliableQueue.Broker;
using Xunit;

namespace ReliableQueue.BrokerContract;

/// <summary>One run of a producer or worker: a session that enqueues on lane 0 and leases on lane 1, numbering its calls.</summary>
public sealed class ContractClient(IQueueBroker broker, QueueName queue)
{
    /// <summary>
    /// How long a lease lasts that asks for nothing else. Minutes, like all times of the contract: they cost nothing, because tests make time pass, and a store on a real
    /// clock keeps room for a machine that stands still for seconds.
    /// </summary>
    public static readonly TimeSpan Visibility = TimeSpan.FromSeconds(300);

    private long enqueues;
    private long leases;

    public SessionId Session { get; } = SessionId.New(SystemRandomSource.Instance);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static EnqueuedMessage NewMessage(params byte[] envelope) => new(MessageId.New(TimeProvider.System, SystemRandomSource.Instance), envelope);

    public static EnqueuedMessage[] NewMessages(int count) => [.. Enumerable.Range(0, count).Select(i => NewMessage((byte)i, (byte)(i >> 8), 7))];

    public EnqueueRequest NextEnqueue(params EnqueuedMessage[] messages) => new(new CallStamp(Session, 0, ++enqueues), messages);

    public LeaseRequest NextLease(
        int max = 10, int suspects = 1, int bytes = int.MaxValue, TimeSpan? visibility = null, int maxDeliveries = 100) =>
        new(new CallStamp(Session, 1, ++leases), max, suspects, bytes, visibility ?? Visibility, maxDeliveries);

    public Task<CallAnswer> SendAsync(EnqueueRequest request) => broker.EnqueueAsync(queue, request, Cancel);

    public Task<LeaseReply> SendAsync(LeaseRequest request) => broker.LeaseAsync(queue, request, Cancel);

    public async Task<EnqueuedMessage[]> EnqueueAsync(int count)
    {
        var messages = NewMessages(count);
        Assert.Equal(CallStanding.Applied, (await SendAsync(NextEnqueue(messages))).Standing);
        return messages;
    }

    public async Task<IReadOnlyList<LeasedMessage>> LeaseAsync(
        int max = 10, int suspects = 1, int bytes = int.MaxValue, TimeSpan? visibility = null, int maxDeliveries = 100)
    {
        var reply = await SendAsync(NextLease(max, suspects, bytes, visibility, maxDeliveries));
        Assert.Equal(CallStanding.Applied, reply.Answer.Standing);
        return reply.Messages;
    }

    public async Task<SettleResult> SettleAsync(HeldLease lease, Settlement settlement) =>
        Assert.Single(await broker.SettleAsync(queue, [new SettleRequest(lease, settlement)], Cancel));

    public Task<SettleResult> SettleAsync(LeasedMessage message, Settlement settlement) => SettleAsync(message.Lease, settlement);

    public Task<ReturnReply> ReturnAsync(int maxDeliveries = 100) => broker.ReturnSessionAsync(queue, Session, maxDeliveries, Cancel);
}
