using ReliableQueue.Broker;

namespace ReliableQueue.FaultWorker;

/// <summary>The broker, with a step before and after every call that settles or takes back, and after every one that leased something.</summary>
internal sealed class SteppedBroker(IQueueBroker inner, Steps steps) : IQueueBroker
{
    public string Identity => inner.Identity;

    public IDeadLetterStore DeadLetters => inner.DeadLetters;

    public Task<IReadOnlyList<BrokerFinding>> CheckAsync(CancellationToken cancellationToken) => inner.CheckAsync(cancellationToken);

    public Task<CallAnswer> EnqueueAsync(QueueName queue, EnqueueRequest request, CancellationToken cancellationToken) => inner.EnqueueAsync(queue, request, cancellationToken);

    public async Task<LeaseReply> LeaseAsync(QueueName queue, LeaseRequest request, CancellationToken cancellationToken)
    {
        var reply = await inner.LeaseAsync(queue, request, cancellationToken);
        if (reply.Messages.Count > 0)
        {
            steps.Take(Killed.AfterTheLease, reply.Messages[0].Lease.Message);
        }

        return reply;
    }

    public async Task<IReadOnlyList<SettleResult>> SettleAsync(QueueName queue, IReadOnlyList<SettleRequest> requests, CancellationToken cancellationToken)
    {
        steps.Take(Killed.BeforeTheSettlement, requests[0].Lease.Message);
        var results = await inner.SettleAsync(queue, requests, cancellationToken);
        steps.Take(Killed.AfterTheSettlement, requests[0].Lease.Message);
        return results;
    }

    public async Task<ReturnReply> ReturnSessionAsync(QueueName queue, SessionId session, int maxDeliveries, CancellationToken cancellationToken)
    {
        steps.Take(Killed.BeforeTheReturn);
        var reply = await inner.ReturnSessionAsync(queue, session, maxDeliveries, cancellationToken);
        steps.Take(Killed.AfterTheReturn);
        return reply;
    }

    public IRenewalConnection OpenRenewalConnection() => inner.OpenRenewalConnection();

    public Task<QueueStatistics> GetStatisticsAsync(QueueName queue, CancellationToken cancellationToken) => inner.GetStatisticsAsync(queue, cancellationToken);

    public IDisposable Listen(QueueName queue, Action hint) => inner.Listen(queue, hint);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
