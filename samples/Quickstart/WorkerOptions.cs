namespace Quickstart;

/// <summary>What the story tells a worker process on its command line.</summary>
/// <param name="Broker">Where the queue is: a file, or <c>host:port</c> with the prefix of this run.</param>
/// <param name="StateFile">The worker's state file, the same for every process that takes over from a dead one.</param>
/// <param name="EffectLog">Where handlers write their results.</param>
/// <param name="AtRejection">What happens when a rejection is on disk and the broker is about to be told.</param>
internal sealed record WorkerOptions(BrokerAddress Broker, string StateFile, string EffectLog, AtRejection AtRejection)
{
    public string[] ToArguments() => [Broker.Place, Broker.RedisPrefix ?? "", StateFile, EffectLog, AtRejection.ToString()];

    public static WorkerOptions? Parse(string[] args) =>
        args is [var place, var prefix, var stateFile, var effectLog, var atRejection] && Enum.TryParse<AtRejection>(atRejection, out var behaviour)
            ? new WorkerOptions(new BrokerAddress(place, prefix.Length == 0 ? null : prefix), stateFile, effectLog, behaviour)
            : null;
}
