using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ReliableQueue.Diagnostics;

namespace ReliableQueue.Working.Life;

/// <summary>What a worker takes from its surroundings: handlers' scopes, time, chance, and where it logs and counts.</summary>
internal sealed record WorkerSeams(IServiceScopeFactory Scopes, TimeProvider Time, IRandomSource Random, ILogger Logger, QueueMeter Meter);
