using ReliableQueue.Setup;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Health checks of ReliableQueue.</summary>
public static class ReliableQueueHealthChecksBuilderExtensions
{
    /// <summary>
    /// Adds the readiness of one set: unhealthy while its broker does not answer or is unsafe, or its state file cannot be used or is held by another process for longer
    /// than <c>StateFileWait</c>; degraded while it waits for that file, after the broker lost acknowledged writes, or while handlers ignore their tokens. Use it for
    /// readiness, not for liveness: restarting a worker does not mend its broker. A worker that is switched off (<c>Worker.Enabled</c>) is healthy and said to be off.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The name of the check. Default: <c>reliablequeue</c>.</param>
    /// <param name="serviceKey">The name the set was registered under. Default: null, the unnamed one.</param>
    /// <param name="failureStatus">What is reported when the broker does not answer. Default: null, unhealthy.</param>
    /// <param name="tags">Tags to filter by, for example <c>ready</c>.</param>
    /// <param name="timeout">Longest time the check may take. Default: null, no limit of its own: the broker bounds its calls.</param>
    public static IHealthChecksBuilder AddReliableQueue(
        this IHealthChecksBuilder builder,
        string name = "reliablequeue",
        string? serviceKey = null,
        HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null,
        TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(
            name,
            services => QueueSetServices.BuildHealthCheck(serviceKey ?? string.Empty, services),
            failureStatus,
            tags,
            timeout));
    }
}
