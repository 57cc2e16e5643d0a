using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;
using ReliableQueue.Working.Lease;
using ReliableQueue.Working.Handle;
using ReliableQueue.Working.Settle;
using ReliableQueue.State;

namespace ReliableQueue.Working;

/// <summary>
/// The whole path of a message on the worker's side. Nothing else touches it between the lease and the settlement.
///
///     LeasePump ──► Delivery ──► HandlerInvoker ──► HandlerOutcome ──► SettlementPolicy ──► Settlement ──► Settler ──► state file, broker
///                      └── LeaseKeeper renews the lease until the settlement is answered, and cancels the handler when it is lost
/// </summary>
internal sealed class DeliveryPipeline(
    HandlerInvoker invoker, SettlementPolicy policy, Settler settler, QueueMemory memory, QueueSignals signals, Surroundings surroundings)
{
    /// <summary>Starts what one lease call brought.</summary>
    public void Start(IReadOnlyList<Delivery> deliveries)
    {
        foreach (var delivery in deliveries)
        {
            _ = DeliverAsync(delivery);
        }
    }

    private async Task DeliverAsync(Delivery delivery)
    {
        // Off the pump, on the worker's scheduler: a handler that blocks must not keep the next message from being leased.
        await Task.Yield();
        try
        {
            var (outcome, span) = Recall(delivery) ?? await invoker.InvokeAsync(delivery);
            var settlement = Decide(outcome, delivery);
            await settler.SettleAsync(delivery, settlement, outcome, span);
        }
        catch (Exception exception)
        {
            // Settled as a failure: otherwise its slot would stay taken and its lease would be renewed until the process ends.
            var settlement = policy.DecideByBackoff(exception, delivery, TimeSpan.Zero, surroundings.Random.NextDouble());
            _ = settler.SettleAsync(delivery, settlement, new HandlerOutcome.Failed(exception));
            signals.DeliveryFailed(exception);
        }
    }

    /// <summary>What this worker finished with never runs here again, even if the broker forgot it or never heard of it.</summary>
    private Handled? Recall(Delivery delivery) =>
        memory.Recall(delivery.Id, delivery.Generation) is { } settlement ? new Handled(new HandlerOutcome.Remembered(settlement)) : null;

    private Settlement Decide(HandlerOutcome outcome, Delivery delivery)
    {
        var (age, chance) = (surroundings.Time.GetUtcNow() - delivery.Context.EnqueuedAt, surroundings.Random.NextDouble());
        try
        {
            return policy.Decide(outcome, delivery, age, chance);
        }
        catch (Exception exception) when (outcome is HandlerOutcome.Failed)
        {
            // The application's retry policy. Its bug must not decide about the message: the queue's own backoff does.
            signals.RetryPolicyFailed(delivery.Context, exception);
            return policy.DecideByBackoff(((HandlerOutcome.Failed)outcome).Exception, delivery, age, chance);
        }
    }
}
