using System.Diagnostics;

namespace ReliableQueue.Diagnostics;

/// <summary>The spans: <c>enqueue</c> (producer), <c>process</c> (consumer, the handler only) and one per settlement (client). All null while nobody listens.</summary>
internal static class QueueActivitySource
{
    private static readonly ActivitySource Source = new(new ActivitySourceOptions(ReliableQueueTelemetry.ActivitySourceName)
    {
        Version = ReliableQueueTelemetry.Version,
        TelemetrySchemaUrl = ReliableQueueTelemetry.SchemaUrl,
    });

    public static bool HasListeners => Source.HasListeners();

    /// <summary>The span of one call of the client's user. Its context goes into every message of the call.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="messageId">The message; null for a call with many.</param>
    /// <param name="count">How many, for a call with many; null for one.</param>
    public static Activity? StartEnqueue(string queue, string? messageId, int? count)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        var activity = Start(TelemetryNames.Operation.Enqueue, queue, ActivityKind.Producer, default, null);
        activity?.SetTag(TelemetryNames.MessageId, messageId);
        activity?.SetTag(TelemetryNames.BatchMessageCount, count);
        return activity;
    }

    /// <summary>The span of one delivery's handler: child of and linked to the context the message was enqueued in; a root of its own when it brought none.</summary>
    public static Activity? StartProcess(string queue, string messageId, string messageType, int deliveryCount, string? traceparent, string? tracestate)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        // A malformed header is ignored: it starts a new trace. Without a parent the worker's loop must not become one, hence the cleared current activity.
        var hasParent = ActivityContext.TryParse(traceparent, tracestate, isRemote: true, out var parent);
        Activity.Current = null;
        var activity = Start(TelemetryNames.Operation.Process, queue, ActivityKind.Consumer, parent, hasParent ? [new ActivityLink(parent)] : null);
        activity?.SetTag(TelemetryNames.MessageId, messageId);
        activity?.SetTag(TelemetryNames.MessageType, messageType);
        activity?.SetTag(TelemetryNames.DeliveryCount, deliveryCount);
        return activity;
    }

    /// <summary>The span of one settlement, <paramref name="operation"/> being ack, retry, release or dead_letter: child of the handler's span.</summary>
    public static Activity? StartSettle(string operation, string queue, string messageId, ActivityContext process)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        var activity = Start(operation, queue, ActivityKind.Client, process, null);
        activity?.SetTag(TelemetryNames.MessageId, messageId);
        return activity;
    }

    /// <summary>Marks a span as failed. The text of an exception is the application's: it goes to the description, never into an attribute.</summary>
    public static void Fail(Activity? activity, string error, string? description)
    {
        activity?.SetTag(TelemetryNames.ErrorType, error);
        activity?.SetStatus(ActivityStatusCode.Error, description);
    }

    private static Activity? Start(string operation, string queue, ActivityKind kind, ActivityContext parent, IEnumerable<ActivityLink>? links)
    {
        // Given at creation, because samplers decide by them.
        var tags = new TagList
        {
            { TelemetryNames.System, ReliableQueueTelemetry.System },
            { TelemetryNames.OperationName, operation },
            { TelemetryNames.OperationType, TelemetryNames.Operation.TypeOf(operation) },
            { TelemetryNames.Destination, queue },
        };
        return Source.StartActivity($"{operation} {queue}", kind, parent, tags, links);
    }
}
