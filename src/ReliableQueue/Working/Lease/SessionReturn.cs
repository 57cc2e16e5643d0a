using Microsoft.Extensions.Logging;
using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;
using ReliableQueue.State;

namespace ReliableQueue.Working.Lease;

/// <summary>
/// Gives back at start what earlier runs of this worker still hold, at once rather than when their leases run out. This is why a message whose worker was killed runs
/// again within a second of the restart.
/// </summary>
internal sealed class SessionReturn(LeaseSettings settings, IQueueBroker broker, QueueMemory memory, RegressionWatch watch, QueueMeter meter, ILogger logger)
{
    public async Task ReturnAsync(EarlierSession earlier, CancellationToken cancellationToken)
    {
        ReturnReply reply;
        var (returned, deadLettered, regressed) = (0, 0, false);
        do
        {
            reply = await broker.ReturnAsync(new ReturnRequest(settings.Queue, earlier.Session, settings.MaxDeliveries), cancellationToken);
            returned += reply.Returned;
            deadLettered += reply.DeadLettered;
            regressed |= reply.StateRegressed;
        }
        while (!reply.IsComplete);

        watch.Compare(earlier, reply with { StateRegressed = regressed });
        meter.CountRedelivered(settings.Queue.Value, TelemetryNames.Redelivery.WorkerLost, returned);
        QueueLog.SessionReturned(logger, settings.Queue.Value, earlier.Session, returned, deadLettered);
        await memory.EndSessionAsync(earlier.Session);
    }
}
