namespace ReliableQueue.Benchmarks;

/// <summary>What both sides of the comparison do alike.</summary>
/// <param name="Messages">How many messages are enqueued and drained.</param>
/// <param name="Concurrency">Most messages held at once while draining.</param>
/// <param name="Runs">How often everything is repeated.</param>
internal sealed record DrainPlan(int Messages, int Concurrency, int Runs)
{
    /// <summary>Enqueue calls in flight: as many as the client has lanes.</summary>
    public const int EnqueueCalls = 4;

    /// <summary>How many messages one caller hands to EnqueueManyAsync; as many callers as calls.</summary>
    public const int EnqueueChunk = 2_000;

    /// <summary>Calls in flight while draining: one lease and one ack.</summary>
    public const int DrainCalls = 2;
}
