namespace ReliableQueue.FaultTests;

/// <summary>Tests that measure time closely, or that take every core: one at a time, when the others are done.</summary>
[CollectionDefinition(nameof(AloneCollection), DisableParallelization = true)]
public sealed class AloneCollection;
