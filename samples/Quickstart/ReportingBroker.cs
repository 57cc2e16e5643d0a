using ReliableQueue;
using ReliableQueue.Broker;

namespace Quickstart;

/// <summary>
/// A broker that tells the story what passes through it, and can stand still where a rejection is in the state file and not yet with the broker. An application
/// needs nothing of the kind: it says UseSqlite or UseRedis.
/// </summary>
internal sealed class ReportingBroker(IQueueBroker inner, SignalWriter signals, AtRejection atRejection, CancellationToken stopping) : IQueueBroker
{
    public string Identity => inner.Identity;

    public IDeadLetterStore DeadLetters => inner.DeadLetters;

    public Task<IReadOnlyList<BrokerFinding>> CheckAsync(CancellationToken cancellationToken) => inner.CheckAsync(cancellationToken);

    public Task<CallAnswer> EnqueueAsync(QueueName queue, EnqueueRequest request, CancellationToken cancellationToken) =>
        inner.EnqueueAsync(queue, request, cancellationToken);

    public async Task<LeaseReply> LeaseAsync(QueueName queue, LeaseRequest request, CancellationToken cancellationToken)
    {
        var reply = await inner.LeaseAsync(queue, request, cancellationToken);
        if (reply.Messages.Count == 0)
        {
            signals.Say(SignalWord.Idle);
        }

        foreach (var message in reply.Messages)
        {
            signals.Say(SignalWord.Leased, message.Lease.Message, message.DeliveryCount);
        }

        return reply;
    }

    public async Task<IReadOnlyList<SettleResult>> SettleAsync(QueueName queue, IReadOnlyList<SettleRequest> requests, CancellationToken cancellationToken)
    {
        foreach (var request in requests.Where(request => request.Settlement is Settlement.DeadLetter))
        {
            signals.Say(SignalWord.Rejected, request.Lease.Message);
            await StandStillAsync();
        }

        var results = await inner.SettleAsync(queue, requests, cancellationToken);
        foreach (var (request, _) in requests.Zip(results).Where(pair => pair.Second == SettleResult.Settled))
        {
            if (request.Settlement is Settlement.Ack or Settlement.DeadLetter)
            {
                signals.Say(request.Settlement is Settlement.Ack ? SignalWord.Acked : SignalWord.DeadLettered, request.Lease.Message);
            }
        }

        return results;
    }

    public Task<ReturnReply> ReturnSessionAsync(QueueName queue, SessionId session, int maxDeliveries, CancellationToken cancellationToken) =>
        inner.ReturnSessionAsync(queue, session, maxDeliveries, cancellationToken);

    public IRenewalConnection OpenRenewalConnection() => inner.OpenRenewalConnection();

    public Task<QueueStatistics> GetStatisticsAsync(QueueName queue, CancellationToken cancellationToken) => inner.GetStatisticsAsync(queue, cancellationToken);

    public IDisposable Listen(QueueName queue, Action hint) => inner.Listen(queue, hint);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    /// <summary>Until the process is killed, or asked to stop: then the worker must be able to end.</summary>
    private Task StandStillAsync() => atRejection == AtRejection.GoOn
        ? Task.CompletedTask
        : Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stopping).ContinueWith(_ => { }, TaskScheduler.Default);
}
