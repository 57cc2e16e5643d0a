using Microsoft.Extensions.Logging;
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
    HandlerInvoker invoker, SettlementPolicy policy, Settler settler, QueueMemory memory, IRandomSource random, ILogger logger)
{
    public async Task DeliverAsync(Delivery delivery)
    {
        var outcome = Recall(delivery) ?? await invoker.InvokeAsync(delivery);
        var settlement = policy.Decide(outcome, delivery.DeliveryCount, random.NextDouble());
        await settler.SettleAsync(delivery, settlement);
    }

    /// <summary>Starts a delivery on the worker's scheduler, off the pump: a handler that blocks must not keep the next message from being leased.</summary>
    public void Start(Delivery delivery) =>
        _ = Task.Factory.StartNew(() => RunAsync(delivery), CancellationToken.None, TaskCreationOptions.DenyChildAttach, TaskScheduler.Current);

    /// <summary>What this worker finished with never runs here again, even if the broker forgot it or never heard of it.</summary>
    private HandlerOutcome.Remembered? Recall(Delivery delivery) =>
        memory.Recall(delivery.Id, delivery.Envelope.Incarnation) is { } fate ? new HandlerOutcome.Remembered(fate) : null;

    private async Task RunAsync(Delivery delivery)
    {
        try
        {
            await DeliverAsync(delivery);
        }
        catch (Exception exception)
        {
            // Settled as a failure, lest its slot stay taken and its lease be renewed for ever.
            _ = settler.SettleAsync(delivery, policy.Decide(new HandlerOutcome.Failed(exception.GetType().ToString()), delivery.DeliveryCount, random.NextDouble()));
            QueueLog.DeliveryFailed(logger, delivery.Queue.Value, exception);
        }
    }
}
