using ReliableQueue.Broker;
using ReliableQueue.Simulation.Checking;
using ReliableQueue.Testing;

namespace ReliableQueue.Simulation.Queue;

/// <summary>Writes every change of a queue into the history.</summary>
internal sealed class HistoryObserver(History history) : IQueueObserver
{
    public void Stored(QueuedMessage message) => history.Add(What.Created, message: message.Id);

    public void Asked(SessionId session) => history.Add(What.LeaseCall, session: session);

    public void Leased(LeasedMessage leased) => history.Add(What.Leased, message: leased.Lease.Message, lease: leased.Lease.Token, number: leased.DeliveryCount);

    public void Renewed(QueuedMessage message) => history.Add(What.Renewed, message: message.Id, lease: message.Token);

    public void Settled(HeldLease lease, Settlement settlement) => history.Add(What.Settled, message: lease.Message, lease: lease.Token, detail: settlement);

    public void Lost(QueuedMessage message, WorkerLossKind loss) => history.Add(
        !message.IsLive ? What.DeadLettered : loss == WorkerLossKind.Reclaimed ? What.Reclaimed : What.Returned, message: message.Id, lease: message.Token);

    public void Returned(SessionId session) => history.Add(What.SessionReturned, session: session);
}
