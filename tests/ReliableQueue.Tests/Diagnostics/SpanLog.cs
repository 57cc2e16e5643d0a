using System.Collections.Concurrent;
using System.Diagnostics;

namespace ReliableQueue.Tests.Diagnostics;

/// <summary>The spans of one queue. A listener hears the whole process, tests that run next to this one too: hence a queue of its own for each test.</summary>
internal sealed class SpanLog : IDisposable
{
    private readonly ConcurrentQueue<Activity> spans = new();
    private readonly ActivityListener listener;

    public SpanLog(string queue)
    {
        listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == ReliableQueueTelemetry.ActivitySourceName,
            Sample = (ref _) => ActivitySamplingResult.AllData,
            ActivityStarted = span =>
            {
                if (span.DisplayName.EndsWith(" " + queue, StringComparison.Ordinal))
                {
                    spans.Enqueue(span);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
    }

    /// <summary>All spans so far, in the order they were started.</summary>
    public IReadOnlyList<Activity> Spans => [.. spans];

    public void Dispose() => listener.Dispose();
}
