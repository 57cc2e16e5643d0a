using DotNet.Testcontainers.Configurations;

namespace ReliableQueue.TestKit;

/// <summary>How a test comes to a Redis.</summary>
public enum RedisWay
{
    /// <summary>The one that RELIABLEQUEUE_TEST_REDIS names.</summary>
    Address,

    /// <summary>A container of its own.</summary>
    Container,

    /// <summary>A process of its own of the <c>redis-server</c> program.</summary>
    Program,
}

/// <summary>What there is to choose from.</summary>
/// <param name="Address">host:port of a Redis whose data may be lost; null when none was named.</param>
/// <param name="EngineAnswers">Whether a Docker engine answers. Asked only when the answer matters.</param>
/// <param name="HasProgram">Whether the <c>redis-server</c> program is there.</param>
public sealed record RedisWays(string? Address, Func<bool> EngineAnswers, Func<bool> HasProgram)
{
    /// <summary>The variable that names a Redis.</summary>
    public const string Variable = "RELIABLEQUEUE_TEST_REDIS";

    // Testcontainers looks for an engine once in a process, where the environment, its own settings and the usual sockets name one.
    private static readonly Lazy<bool> engine = new(() => TestcontainersSettings.OS.DockerEndpointAuthConfig is not null);

    /// <summary>Those of this machine.</summary>
    public static RedisWays OfThisMachine { get; } = new(
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named ? named : null,
        () => engine.Value,
        () => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "redis-server"))));

    /// <summary>For tests that share a server and do not harm it: the one that was named, and otherwise as for a server of a test's own.</summary>
    public RedisWay ForSharing() => Address is null ? ForOneTest() : RedisWay.Address;

    /// <summary>For a test that gives its server arguments, kills it or fills it: a container where an engine answers, and otherwise the program.</summary>
    /// <exception cref="InvalidOperationException">There is neither. The test fails: a test that is skipped proves nothing.</exception>
    public RedisWay ForOneTest() => EngineAnswers() ? RedisWay.Container
        : HasProgram() ? RedisWay.Program
        : throw new InvalidOperationException(
            $"These tests need a Redis. Start a Docker engine that this user may use, or install redis-server 6.2 or newer, or set {Variable} to host:port of a Redis whose data "
            + "may be lost. Tests that kill, freeze or configure their server need one of the first two.");
}
