using ReliableQueue.Broker;

namespace ReliableQueue.Simulation.Workers;

/// <summary>The one connection for renewals of a worker, for all its queues.</summary>
internal sealed class RenewalLink(IReadOnlyList<QueueRun> queues, PlantedBug bug) : IRenewalConnection
{
    public IReadOnlyList<RenewResult> Renew(QueueName queue, IReadOnlyList<HeldLease> leases, TimeSpan visibilityTimeout)
    {
        var run = queues.Single(each => each.Queue == queue);
        return bug == PlantedBug.SecondQueueNotRenewed && run != queues[0]
            ? [.. leases.Select(_ => RenewResult.Renewed)]
            : run.Link.Renew(leases, visibilityTimeout);
    }

    public void Dispose()
    {
    }
}
