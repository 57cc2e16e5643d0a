namespace ReliableQueue.Redis;

/// <summary>
/// The version of how queues lie in Redis (docs/redis-layout.md). <c>Scripts/layout.lua</c> has the same numbers; a test compares them. A change of what the scripts
/// store is a new version, with a migration from the one before and a sample of its keys among the tests.
/// </summary>
/// <param name="Version">What this client writes, and the newest it knows.</param>
/// <param name="LowestReader">The lowest version that may use what this client writes: older clients refuse, except to renew and settle what they hold.</param>
/// <param name="Uses">The sum of the bits of the features of <c>meta.uses</c> that this client knows.</param>
/// <param name="Migrations">In order, each from one version to the next.</param>
internal sealed record RedisLayout(int Version, int LowestReader, int Uses, IReadOnlyList<RedisMigration> Migrations)
{
    public static RedisLayout Current { get; } = new(1, 1, 0, []);
}

/// <summary>Brings a queue from one version of the layout to the next.</summary>
/// <param name="From">The version it begins with. A queue of another version is left alone.</param>
/// <param name="Script">
/// Gets every key of the queue (<see cref="RedisKeys.All"/>), does a bounded part of the work, and answers 1 when nothing is left to do, 0 to be called again. Its last
/// step raises <c>meta.layout</c>; until then clients of the older version go on, so each step leaves a queue that they can use. Two clients may run it at once.
/// </param>
internal sealed record RedisMigration(int From, RedisScript Script);
