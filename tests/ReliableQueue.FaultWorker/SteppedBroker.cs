using ReliableQueue.Broker;

namespace ReliableQueue.FaultWorker;

/// <summary>The broker, with a step before and after every call that settles or takes back, and after every one that leased something.</summary>
internal sealed class SteppedBroker(IQueueBroker inner, Steps steps) : DelegatingBroker(inner)
{
    public override async Task<LeaseReply> LeaseAsync(LeaseRequest request, CancellationToken cancellationToken)
    {
        var reply = await base.LeaseAsync(request, cancellationToken);
        if (reply.Messages.Count > 0)
        {
            steps.Take(Killed.AfterTheLease, reply.Messages[0].Lease.Message);
        }

        return reply;
    }

    public override async Task<SettleReply> SettleAsync(SettleRequest request, CancellationToken cancellationToken)
    {
        var first = request.Settlements[0].Lease.Message;
        steps.Take(Killed.BeforeTheSettlement, first);
        var reply = await base.SettleAsync(request, cancellationToken);
        steps.Take(Killed.AfterTheSettlement, first);
        return reply;
    }

    public override async Task<ReturnReply> ReturnAsync(ReturnRequest request, CancellationToken cancellationToken)
    {
        steps.Take(Killed.BeforeTheReturn);
        var reply = await base.ReturnAsync(request, cancellationToken);
        steps.Take(Killed.AfterTheReturn);
        return reply;
    }
}
