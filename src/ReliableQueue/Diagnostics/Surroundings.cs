using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ReliableQueue.Diagnostics;

/// <summary>The services that every part of a producer or a worker needs. Passed on whole; tests pass fakes.</summary>
/// <param name="Scopes">Makes the service scope of each delivery.</param>
/// <param name="Time">The clock.</param>
/// <param name="Random">The source of ids, sessions and jitter.</param>
/// <param name="Logger">Where events go.</param>
/// <param name="Meter">The instruments.</param>
internal sealed record Surroundings(IServiceScopeFactory Scopes, TimeProvider Time, IRandomSource Random, ILogger Logger, QueueMeter Meter)
{
    /// <summary>The log of the broker's outages, one for all that share the broker.</summary>
    public OutageLog BrokerOutage { get; init; } = OutageLog.OfBroker("", Time, Logger);

    /// <summary>The log of the state file's failures.</summary>
    public OutageLog StateOutage { get; init; } = OutageLog.OfStateFile(Time, Logger);
}
