using Xunit;

namespace ReliableQueue.Redis.Tests;

/// <summary>Tests that nothing else may run next to.</summary>
[CollectionDefinition(nameof(AloneCollection), DisableParallelization = true)]
public sealed class AloneCollection;
