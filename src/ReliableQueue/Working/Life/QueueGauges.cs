using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;
using ReliableQueue.Working.Lease;

namespace ReliableQueue.Working.Life;

/// <summary>
/// Reads the size and age of a queue from time to time, for the gauges and for health: neither calls the broker itself. Nothing is read while nobody listens to the gauges
/// and no health check has asked for a minute: an idle queue would cost its broker a call for nobody.
/// </summary>
internal sealed class QueueGauges(string worker, LeaseSettings settings, IQueueBroker broker, QueueSignals signals, Surroundings surroundings)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AskedFor = TimeSpan.FromMinutes(1);

    private QueueStatistics? last;
    private long askedAt = long.MinValue;

    /// <summary>The last counts, for health; null until they were read once. Asking has them read for the next minute.</summary>
    public QueueStatistics? Ask()
    {
        Interlocked.Exchange(ref askedAt, surroundings.Time.GetTimestamp());
        return last;
    }

    public async Task RunAsync(CancellationToken stopping)
    {
        signals.ReportLimit(worker, settings.Concurrency);
        while (!stopping.IsCancellationRequested)
        {
            last = surroundings.Meter.MeasuresDepth || IsAsked ? await ReadAsync(stopping) : null;
            signals.ReportDepth(worker, last is { } counts ? DepthOf(counts) : null);
            await surroundings.Time.PauseAsync(surroundings.Time.OnGrid(surroundings.Random.Jitter(Interval), Interval), stopping);
        }

        signals.Forget(worker);
    }

    private bool IsAsked => Interlocked.Read(ref askedAt) is not long.MinValue and var at && surroundings.Time.GetElapsedTime(at) < AskedFor;

    private async Task<QueueStatistics?> ReadAsync(CancellationToken stopping)
    {
        try
        {
            return await broker.Admin.GetStatisticsAsync(settings.Queue, stopping);
        }
        catch (Exception exception)
        {
            // A detail, because the pump reports the outage. A gauge that cannot be read says nothing rather than an old number.
            signals.SizeNotRead(exception);
            return null;
        }
    }

    private QueueDepth DepthOf(QueueStatistics counts)
    {
        var age = counts.OldestReady is { } oldest ? surroundings.Time.GetUtcNow() - oldest : TimeSpan.Zero;
        return new QueueDepth(counts.Ready, counts.Scheduled, counts.Leased, counts.DeadLettered, age < TimeSpan.Zero ? TimeSpan.Zero : age);
    }
}
