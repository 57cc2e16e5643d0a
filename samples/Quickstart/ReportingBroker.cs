using ReliableQueue;
using ReliableQueue.Broker;

namespace Quickstart;

/// <summary>
/// A broker that tells the story what passes through it, and can stand still where a rejection is in the state file and not yet with the broker. An application
/// needs nothing of the kind: it says UseSqlite or UseRedis.
/// </summary>
internal sealed class ReportingBroker(IQueueBroker inner, SignalWriter signals, AtRejection atRejection, CancellationToken stopping) : DelegatingBroker(inner)
{
    public override async Task<LeaseReply> LeaseAsync(LeaseRequest request, CancellationToken cancellationToken)
    {
        var reply = await base.LeaseAsync(request, cancellationToken);
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

    public override async Task<SettleReply> SettleAsync(SettleRequest request, CancellationToken cancellationToken)
    {
        foreach (var (lease, _) in request.Settlements.Where(each => each.Settlement is Settlement.DeadLetter))
        {
            signals.Say(SignalWord.Rejected, lease.Message);
            await StandStillAsync();
        }

        var reply = await base.SettleAsync(request, cancellationToken);
        foreach (var ((lease, settlement), _) in request.Settlements.Zip(reply.Results).Where(pair => pair.Second == SettleResult.Settled))
        {
            if (settlement is Settlement.Ack or Settlement.DeadLetter)
            {
                signals.Say(settlement is Settlement.Ack ? SignalWord.Acked : SignalWord.DeadLettered, lease.Message);
            }
        }

        return reply;
    }

    /// <summary>Until the process is killed, or asked to stop: then the worker must be able to end.</summary>
    private Task StandStillAsync() => atRejection == AtRejection.GoOn
        ? Task.CompletedTask
        : Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stopping).ContinueWith(_ => { }, TaskScheduler.Default);
}
