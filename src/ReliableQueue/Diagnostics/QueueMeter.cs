using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace ReliableQueue.Diagnostics;

/// <summary>
/// The instruments. Attributes come from closed sets: queue names and the constants of <see cref="TelemetryNames"/>; never a message id, a header or a body. Every
/// method costs one read of a flag while nobody collects.
/// </summary>
internal sealed class QueueMeter : IDisposable
{
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
    };

    private readonly Meter? owned;
    private readonly Counter<long> sent;
    private readonly Counter<long> consumed;
    private readonly Histogram<double> operationDuration;
    private readonly Histogram<double> processDuration;
    private readonly Histogram<double> waitDuration;
    private readonly Counter<long> settlements;
    private readonly Counter<long> redeliveries;
    private readonly Counter<long> renewals;
    private readonly UpDownCounter<long> active;
    private readonly ObservableGauge<long> sizes;
    private readonly ObservableGauge<double> ages;
    private readonly ConcurrentDictionary<(string Worker, string Queue), QueueDepth> depths = new();
    private readonly ConcurrentDictionary<(string Worker, string Queue), long> limits = new();

    /// <param name="factory">Owns the meter when the application has metrics set up; null makes one of our own.</param>
    public QueueMeter(IMeterFactory? factory = null)
    {
        var options = new MeterOptions(ReliableQueueTelemetry.MeterName)
        {
            Version = ReliableQueueTelemetry.Version,
            TelemetrySchemaUrl = ReliableQueueTelemetry.SchemaUrl,
        };
        owned = factory is null ? new Meter(options) : null;
        var meter = owned ?? factory?.Create(options) ?? new Meter(options);
        sent = meter.CreateCounter<long>("messaging.client.sent.messages", "{message}", "Messages the broker was asked to store.");
        consumed = meter.CreateCounter<long>("messaging.client.consumed.messages", "{message}", "Deliveries given to handlers.");
        operationDuration = meter.CreateHistogram("messaging.client.operation.duration", "s", "Duration of a broker operation.", advice: Seconds);
        processDuration = meter.CreateHistogram("messaging.process.duration", "s", "Duration of a handler.", advice: Seconds);
        waitDuration = meter.CreateHistogram("reliablequeue.message.wait.duration", "s", "From enqueue to the start of the handler.", advice: Seconds);
        settlements = meter.CreateCounter<long>("reliablequeue.settlements", "{message}", "Deliveries ended, by how.");
        redeliveries = meter.CreateCounter<long>("reliablequeue.redeliveries", "{message}", "Messages put back to be delivered again, by why.");
        renewals = meter.CreateCounter<long>("reliablequeue.lease.renewals", "{renewal}", "Leases renewed, or failed to renew.");
        active = meter.CreateUpDownCounter<long>("reliablequeue.process.active", "{message}", "Handlers running.");
        meter.CreateObservableUpDownCounter("reliablequeue.process.limit", MeasureLimits, "{message}", "Most handlers that may run.");
        sizes = meter.CreateObservableGauge("reliablequeue.queue.size", MeasureSizes, "{message}", "Messages of a queue, by state. Every worker reports the whole queue: aggregate by max.");
        ages = meter.CreateObservableGauge("reliablequeue.queue.oldest.age", MeasureAges, "s", "How long the oldest ready message has waited.");
    }

    /// <summary>Whether anybody measures how long enqueuing takes; reading the clock is left out otherwise.</summary>
    public bool MeasuresOperations => operationDuration.Enabled;

    /// <summary>Whether anybody counts settlements; counting a batch by outcome is left out otherwise.</summary>
    public bool CountsSettlements => settlements.Enabled || redeliveries.Enabled;

    /// <summary>Whether anybody listens to the size or age of queues; the broker is not asked for them otherwise.</summary>
    public bool MeasuresDepth => sizes.Enabled || ages.Enabled;

    /// <summary>One call of the client's user ended: <paramref name="count"/> messages, in one of the ways of <see cref="TelemetryNames.Error"/> or well (null).</summary>
    public void CountEnqueued(string queue, int count, string? error)
    {
        if (sent.Enabled)
        {
            sent.Add(count, Tags(TelemetryNames.Operation.Enqueue, queue, error));
        }
    }

    /// <summary>A broker operation ended, whether it is an enqueue, a lease or a settlement.</summary>
    public void MeasureOperation(string operation, string queue, TimeSpan duration, string? error)
    {
        if (operationDuration.Enabled)
        {
            var tags = Tags(operation, queue, error);
            tags.Add(TelemetryNames.OperationType, TelemetryNames.Operation.TypeOf(operation));
            operationDuration.Record(duration.TotalSeconds, tags);
        }
    }

    /// <summary>A handler is about to start. <paramref name="waited"/>: since the message was enqueued, by two clocks, so never taken below zero.</summary>
    public void ProcessStarted(string queue, TimeSpan waited)
    {
        active.Add(1, Destination(queue));
        if (consumed.Enabled)
        {
            consumed.Add(1, Tags(TelemetryNames.Operation.Process, queue, null));
        }

        if (waitDuration.Enabled)
        {
            waitDuration.Record(Math.Max(0, waited.TotalSeconds), Destination(queue));
        }
    }

    /// <summary>The handler returned or threw; <paramref name="error"/> is null when it returned. Called once for every <see cref="ProcessStarted"/>.</summary>
    public void ProcessEnded(string queue, TimeSpan duration, string? error)
    {
        active.Add(-1, Destination(queue));
        if (processDuration.Enabled)
        {
            processDuration.Record(duration.TotalSeconds, Tags(TelemetryNames.Operation.Process, queue, error));
        }
    }

    /// <summary>Deliveries ended: <paramref name="outcome"/> is an operation name (ack, retry, release, dead_letter) or <c>lost</c>.</summary>
    public void CountSettled(string queue, string outcome, int count)
    {
        if (settlements.Enabled)
        {
            settlements.Add(count, Destination(queue), new(TelemetryNames.Outcome, outcome));
        }
    }

    /// <summary>Messages went back to ready, for one of the reasons of <see cref="TelemetryNames.Redelivery"/>.</summary>
    public void CountRedelivered(string queue, string reason, int count)
    {
        if (redeliveries.Enabled && count > 0)
        {
            redeliveries.Add(count, Destination(queue), new(TelemetryNames.RedeliveryReason, reason));
        }
    }

    /// <summary>Leases were asked to be renewed; <paramref name="error"/> is null for those that were. Safe on the renewal thread: it allocates and waits for nothing.</summary>
    public void CountRenewed(string queue, int count, string? error)
    {
        if (renewals.Enabled && count > 0)
        {
            var tags = new TagList { Destination(queue) };
            AddError(ref tags, error);
            renewals.Add(count, tags);
        }
    }

    /// <summary>Keeps what a worker last read of a queue, for the gauges.</summary>
    public void ReportDepth(string worker, string queue, QueueDepth depth) => depths[(worker, queue)] = depth;

    /// <summary>Keeps how many handlers of a queue may run.</summary>
    public void ReportLimit(string worker, string queue, int concurrency) => limits[(worker, queue)] = concurrency;

    /// <summary>Forgets the counts of a queue that could not be read.</summary>
    public void ForgetDepth(string worker, string queue) => depths.TryRemove((worker, queue), out _);

    /// <summary>Forgets a queue whose worker stopped: an old count must not look like a new one.</summary>
    public void Forget(string worker, string queue)
    {
        depths.TryRemove((worker, queue), out _);
        limits.TryRemove((worker, queue), out _);
    }

    public void Dispose() => owned?.Dispose();

    private static KeyValuePair<string, object?> Destination(string queue) => new(TelemetryNames.Destination, queue);

    private static TagList Tags(string operation, string queue, string? error)
    {
        var tags = new TagList
        {
            { TelemetryNames.System, ReliableQueueTelemetry.System },
            { TelemetryNames.OperationName, operation },
            { TelemetryNames.Destination, queue },
        };
        AddError(ref tags, error);
        return tags;
    }

    private static void AddError(ref TagList tags, string? error)
    {
        if (error is not null)
        {
            tags.Add(TelemetryNames.ErrorType, error);
        }
    }

    private static TagList Tags((string Worker, string Queue) key)
    {
        var tags = new TagList { Destination(key.Queue) };
        if (key.Worker.Length > 0)
        {
            tags.Add(TelemetryNames.WorkerName, key.Worker);
        }

        return tags;
    }

    private static Measurement<long> Size((string Worker, string Queue) key, string state, long count)
    {
        var tags = Tags(key);
        tags.Add(TelemetryNames.MessageState, state);
        return new(count, tags);
    }

    private IEnumerable<Measurement<long>> MeasureLimits() => limits.Select(entry => new Measurement<long>(entry.Value, Tags(entry.Key)));

    private IEnumerable<Measurement<double>> MeasureAges() => depths.Select(entry => new Measurement<double>(entry.Value.OldestAge.TotalSeconds, Tags(entry.Key)));

    private IEnumerable<Measurement<long>> MeasureSizes() => depths.SelectMany(entry => new[]
    {
        Size(entry.Key, "ready", entry.Value.Ready),
        Size(entry.Key, "scheduled", entry.Value.Scheduled),
        Size(entry.Key, "leased", entry.Value.Leased),
        Size(entry.Key, "dead_lettered", entry.Value.DeadLettered),
    });
}

/// <summary>The last counts a worker read of a queue, for the gauges: they never call the broker themselves.</summary>
internal readonly record struct QueueDepth(long Ready, long Scheduled, long Leased, long DeadLettered, TimeSpan OldestAge);
