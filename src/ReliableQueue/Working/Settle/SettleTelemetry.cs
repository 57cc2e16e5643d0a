using System.Diagnostics;
using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;

namespace ReliableQueue.Working.Settle;

/// <summary>Measures the settlements of one batch: a span each while somebody listens, counters by outcome.</summary>
internal sealed class SettleTelemetry(SettleBatch batch, QueueSignals signals)
{
    private readonly List<Activity>? spans = QueueActivitySource.HasListeners ? [.. StartAll(batch, signals)] : null;

    /// <summary>The broker has answered.</summary>
    public void End(IReadOnlyList<SettleResult> results)
    {
        EndSpans(null);
        if (!signals.CountsSettlements)
        {
            return;
        }

        foreach (var group in batch.Settlements.Zip(results).GroupBy(pair => OutcomeOf(pair.First.Settlement, pair.Second), StringComparer.Ordinal))
        {
            signals.Settled(group.Key, group.Count());
        }
    }

    /// <summary>The settlements were given up unanswered.</summary>
    public void Abandon() => EndSpans(TelemetryNames.Error.BrokerUnavailable);

    private static IEnumerable<Activity> StartAll(SettleBatch batch, QueueSignals signals)
    {
        foreach (var settling in batch.Settlings)
        {
            if (signals.StartSettle(NameOf(settling.Settlement), settling.Delivery.Id, settling.Span?.Context ?? default) is { } span)
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
