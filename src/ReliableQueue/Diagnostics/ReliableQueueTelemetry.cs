namespace ReliableQueue;

/// <summary>What to name when collecting: <c>AddSource(ReliableQueueTelemetry.ActivitySourceName)</c>, <c>AddMeter(ReliableQueueTelemetry.MeterName)</c>.</summary>
/// <remarks>Names follow the OpenTelemetry semantic conventions for messaging, version 1.44.0; what is our own begins with <c>reliablequeue.</c></remarks>
public static class ReliableQueueTelemetry
{
    /// <summary>The activity source: spans <c>enqueue {queue}</c>, <c>process {queue}</c> and one per settlement, for example <c>ack {queue}</c>.</summary>
    public const string ActivitySourceName = "ReliableQueue";

    /// <summary>The meter.</summary>
    public const string MeterName = "ReliableQueue";

    /// <summary>The schema the names follow.</summary>
    public const string SchemaUrl = "https://opentelemetry.io/schemas/1.44.0";

    /// <summary>The value of <c>messaging.system</c>.</summary>
    public const string System = "reliablequeue";

    /// <summary>The version of this library, as sources and meters report it.</summary>
    internal static string Version { get; } = typeof(ReliableQueueTelemetry).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";
}
