using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ReliableQueue.Hosting;

/// <summary>What a worker takes from its surroundings: handlers' scopes, time, chance, and where it logs.</summary>
internal sealed record WorkerSeams(IServiceScopeFactory Scopes, TimeProvider Time, IRandomSource Random, ILogger Logger);
