using ReliableQueue.Broker;
using ReliableQueue.Working.Lease;

namespace ReliableQueue.Working.Settle;

/// <summary>Settlements that go to the broker in one call. All who wait for one of them wait for the same task.</summary>
internal sealed class SettleBatch
{
    private readonly TaskCompletionSource answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Delivery> deliveries = [];
    private readonly List<LeaseSettlement> settlements = [];

    public IReadOnlyList<Delivery> Deliveries => deliveries;

    public IReadOnlyList<LeaseSettlement> Settlements => settlements;

    public bool IsFull => settlements.Count == BrokerLimits.BatchSize;

    public Task Answered => answered.Task;

    public void Add(Delivery delivery, Settlement settlement)
    {
        deliveries.Add(delivery);
        settlements.Add(new LeaseSettlement(delivery.Lease, settlement));
    }

    public void Complete() => answered.TrySetResult();
}
