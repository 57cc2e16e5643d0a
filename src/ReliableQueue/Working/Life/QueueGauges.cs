using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;
using ReliableQueue.Working.Lease;

namespace ReliableQueue.Working.Life;

/// <summary>Reads the size and age of a queue from time to time, for the gauges and for health: neither calls the broker itself.</summary>
internal sealed class QueueGauges(string worker, QueueBlueprint queue, IQueueBroker broker, WorkerSeams seams)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>The last counts; null until they were read once.</summary>
    public QueueStatistics? Last { get; private set; }

    public async Task RunAsync(CancellationToken stopping)
    {
        seams.Meter.ReportLimit(worker, queue.Queue.Value, queue.Leasing.Concurrency);
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var counts = await broker.Admin.GetStatisticsAsync(queue.Queue, stopping);
                var age = counts.OldestReady is { } oldest ? seams.Time.GetUtcNow() - oldest : TimeSpan.Zero;
                seams.Meter.ReportDepth(
                    worker,
                    queue.Queue.Value,
                    new QueueDepth(counts.Ready, counts.Scheduled, counts.Leased, counts.DeadLettered, age < TimeSpan.Zero ? TimeSpan.Zero : age));
                Last = counts;
            }
            catch (Exception)
            {
                // The pump reports the outage; a gauge that cannot be read says nothing rather than an old number.
                Last = null;
                seams.Meter.ForgetDepth(worker, queue.Queue.Value);
            }

            await seams.Time.PauseAsync(seams.Random.Jitter(Interval), stopping);
        }

        seams.Meter.Forget(worker, queue.Queue.Value);
    }
}
