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

    public static NewMessage NewMessage(params byte[] envelope) => new(MessageId.New(TimeProvider.System, SystemRandomSource.Instance), envelope);

    public static NewMessage[] NewMessages(int count) => [.. Enumerable.Range(0, count).Select(i => NewMessage((byte)i, (byte)(i >> 8), 7))];

    public EnqueueRequest NextEnqueue(params NewMessage[] messages) => new(queue, new CallStamp(Session, 0, ++enqueues), messages);

    public LeaseRequest NextLease(
        int max = 10, int suspects = 1, int bytes = int.MaxValue, TimeSpan? visibility = null, int maxDeliveries = 100) =>
        new(queue, new CallStamp(Session, 1, ++leases), max, visibility ?? Visibility, maxDeliveries) { MaxSuspects = suspects, MaxBytes = bytes };

    public async Task<CallAnswer> SendAsync(EnqueueRequest request) => (await broker.EnqueueAsync(request, Cancel)).Answer;

    public Task<LeaseReply> SendAsync(LeaseRequest request) => broker.LeaseAsync(request, Cancel);

    public async Task<NewMessage[]> EnqueueAsync(int count)
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
        Assert.Single((await broker.SettleAsync(new SettleRequest(queue, [new LeaseSettlement(lease, settlement)]), Cancel)).Results);

    public Task<SettleResult> SettleAsync(LeasedMessage message, Settlement settlement) => SettleAsync(message.Lease, settlement);

    public Task<ReturnReply> ReturnAsync(int maxDeliveries = 100) => broker.ReturnAsync(new ReturnRequest(queue, Session, maxDeliveries), Cancel);
}
