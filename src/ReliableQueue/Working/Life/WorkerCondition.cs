using Microsoft.Extensions.Diagnostics.HealthChecks;
using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;

namespace ReliableQueue.Working.Life;

/// <summary>How a worker is: pure, from what it shows of itself. Ready means that messages can be enqueued and are being handled.</summary>
internal static class WorkerCondition
{
    // Twice the longest pause between two tries of a failing call, and some: one lost connection is not yet an outage.
    private static readonly TimeSpan OutageAfter = TimeSpan.FromSeconds(10);

    public static HealthCheckResult Of(ReliableWorker worker)
    {
        var unhealthy = new List<string>();
        var degraded = new List<string>();
        var facts = new Dictionary<string, object>(StringComparer.Ordinal);
        if (worker.StateFault is { } fault)
        {
            unhealthy.Add(fault);
        }

        if (worker.BrokerRefusal is { } refusal)
        {
            unhealthy.Add(refusal);
        }

        if (worker.StateHeldBy is { } owner)
        {
            var waited = worker.Time.GetElapsedTime(worker.WaitingSince);
            var list = waited > worker.Blueprint.StateFile.Wait ? unhealthy : degraded;
            list.Add($"State file '{worker.Opening.Path}' is held by {owner}; waiting for {waited.TotalSeconds:F0} s.");
        }

        if (worker.Queues.Count == 0 && unhealthy.Count + degraded.Count == 0)
        {
            degraded.Add("The worker handles nothing: it has not started yet, or it has stopped.");
        }

        foreach (var queue in worker.Queues)
        {
            Look(queue, worker.Time, unhealthy, degraded, facts);
        }

        var text = string.Join(" ", unhealthy.Concat(degraded));
        return unhealthy.Count > 0 ? HealthCheckResult.Unhealthy(text, data: facts)
            : degraded.Count > 0 ? HealthCheckResult.Degraded(text, data: facts)
            : HealthCheckResult.Healthy(data: facts);
    }

    private static void Look(QueueWorker queue, TimeProvider time, List<string> unhealthy, List<string> degraded, Dictionary<string, object> facts)
    {
        var name = queue.Queue.Value;
        facts[$"{name}.in_hand"] = queue.InHand;
        if (queue.Outage is { } outage && time.GetElapsedTime(outage.Since) is var lasting)
        {
            // Waiting does not mend a refusal: somebody has to act.
            var refuses = outage.Error.Fault == BrokerFault.Refused;
            (refuses || lasting > OutageAfter ? unhealthy : degraded)
                .Add($"Queue '{name}': the broker has {(refuses ? "refused" : "not answered")} for {lasting.TotalSeconds:F0} s: {outage.Error.Message}");
        }

        if (queue.Losses.LastSeen is { } lost && time.GetUtcNow() - lost < ProducerLosses.ShownFor)
        {
            degraded.Add($"Queue '{name}': the broker lost writes it had acknowledged, seen {lost:u} (BrokerStateRegressed).");
        }

        if (queue.Overrunning > 0)
        {
            degraded.Add($"Queue '{name}': {queue.Overrunning} handlers ignore their token and keep their slots.");
        }

        if (queue.Gauges.Ask() is { } counts)
        {
            (facts[$"{name}.ready"], facts[$"{name}.scheduled"]) = (counts.Ready, counts.Scheduled);
            (facts[$"{name}.leased"], facts[$"{name}.dead_lettered"]) = (counts.Leased, counts.DeadLettered);
        }
    }
}
