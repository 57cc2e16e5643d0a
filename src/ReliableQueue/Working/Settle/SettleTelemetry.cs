using System.Diagnostics;
using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;

namespace ReliableQueue.Working.Settle;

/// <summary>Measures the settlements of one batch: a span each while somebody listens, counters by outcome.</summary>
internal sealed class SettleTelemetry(SettleBatch batch, string queue, QueueMeter meter)
{
    private readonly List<Activity>? spans = QueueActivitySource.HasListeners ? [.. StartAll(batch, queue)] : null;

    /// <summary>The broker has answered.</summary>
    public void End(IReadOnlyList<SettleResult> results)
    {
        EndSpans(null);
        if (!meter.CountsSettlements)
        {
            return;
        }

        foreach (var group in batch.Settlements.Zip(results).GroupBy(pair => OutcomeOf(pair.First.Settlement, pair.Second), StringComparer.Ordinal))
        {
            var count = group.Count();
            meter.CountSettled(queue, group.Key, count);
            if (group.Key is TelemetryNames.Operation.Retry or TelemetryNames.Operation.Release)
            {
                meter.CountRedelivered(queue, group.Key, count);
            }
        }
    }

    /// <summary>The settlements were given up unanswered.</summary>
    public void Abandon() => EndSpans(TelemetryNames.Error.BrokerUnavailable);

    private static IEnumerable<Activity> StartAll(SettleBatch batch, string queue)
    {
        for (var index = 0; index < batch.Settlements.Count; index++)
        {
            var delivery = batch.Deliveries[index];
            if (QueueActivitySource.StartSettle(NameOf(batch.Settlements[index].Settlement), queue, delivery.Id.ToString(), delivery.TraceContext) is { } span)
            {
                // Many overlap: none of them may become the parent of what runs next.
                Activity.Current = null;
                yield return span;
            }
        }
    }

    private static string OutcomeOf(Settlement settlement, SettleResult result) => result == SettleResult.Stale ? "lost" : NameOf(settlement);

    private static string NameOf(Settlement settlement) => settlement switch
    {
        Settlement.Ack => TelemetryNames.Operation.Ack,
        Settlement.Retry => TelemetryNames.Operation.Retry,
        Settlement.Release => TelemetryNames.Operation.Release,
        _ => TelemetryNames.Operation.DeadLetter,
    };

    private void EndSpans(string? error)
    {
        foreach (var span in spans ?? [])
        {
            if (error is not null)
            {
                QueueActivitySource.Fail(span, error, null);
            }

            span.Dispose();
        }
    }
}
