using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace ReliableQueue.Tests.Security;

/// <summary>Keeps every text of the library's spans and metrics. It hears tests that run next to, too; their texts hold no canary.</summary>
internal sealed class CanaryTelemetry : IDisposable
{
    private readonly ConcurrentQueue<Activity> spans = new();
    private readonly ConcurrentQueue<string> measured = new();
    private readonly ActivityListener listener;
    private readonly MeterListener meters;

    public CanaryTelemetry()
    {
        listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == ReliableQueueTelemetry.ActivitySourceName,
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        meters = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == ReliableQueueTelemetry.MeterName)
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        meters.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Keep(instrument, tags));
        meters.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Keep(instrument, tags));
        meters.SetMeasurementEventCallback<int>((instrument, _, tags, _) => Keep(instrument, tags));
        meters.Start();
    }

    public IReadOnlyList<string> Texts()
    {
        meters.RecordObservableInstruments();
        return [.. measured, .. spans.SelectMany(TextsOf)];
    }

    public void Dispose()
    {
        meters.Dispose();
        listener.Dispose();
    }

    private void Keep(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        measured.Enqueue($"{instrument.Name} {instrument.Description} {string.Join(' ', tags.ToArray())}");

    private static IEnumerable<string> TextsOf(Activity span) =>
    [
        span.DisplayName, span.OperationName, span.StatusDescription ?? "", span.TraceStateString ?? "", string.Join(' ', span.TagObjects), string.Join(' ', span.Baggage),
        .. span.Events.Select(happened => $"{happened.Name} {string.Join(' ', happened.Tags)}"), .. span.Links.Select(link => $"{link.Context.TraceState} {string.Join(' ', link.Tags ?? [])}"),
    ];
}
