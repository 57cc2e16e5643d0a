using ReliableQueue.FaultWorker;

namespace ReliableQueue.Soak;

/// <summary>Which run of which worker an effect belongs to, told by the hosts that started: a process id comes back in a long run, a state file in a restart.</summary>
internal sealed class Runs(IEnumerable<Effect> effects)
{
    private readonly Dictionary<int, List<Effect>> hosts = effects.Where(effect => effect.Kind == EffectKind.Host).GroupBy(host => host.Process)
        .ToDictionary(process => process.Key, process => process.OrderBy(host => host.At).ToList());

    /// <summary>When its host began to start; 0 when none is known.</summary>
    public long BeginOf(Effect effect) => HostOf(effect)?.At ?? 0;

    /// <summary>What stands for the state file; the process when no host is known.</summary>
    public long WorkerOf(Effect effect) => HostOf(effect)?.Number ?? effect.Process;

    private Effect? HostOf(Effect effect) => hosts.TryGetValue(effect.Process, out var starts) ? starts.FindLast(host => host.At <= effect.At) : null;
}
