using ReliableQueue.Broker;

namespace ReliableQueue.Simulation.Workers;

/// <summary>The one connection for renewals of a worker, for all its queues.</summary>
internal sealed class RenewalLink(IReadOnlyList<QueueRun> queues, PlantedBug bug) : IRenewalConnection
{
    public RenewReply Renew(RenewRequest request)
    {
        var run = queues.Single(each => each.Queue == request.Queue);
        return new RenewReply(bug == PlantedBug.SecondQueueNotRenewed && run != queues[0]
            ? [.. request.Leases.Select(_ => RenewResult.Renewed)]
            : run.Link.Renew(request.Leases, request.VisibilityTimeout));
    }

    public void Dispose()
    {
    }
}
