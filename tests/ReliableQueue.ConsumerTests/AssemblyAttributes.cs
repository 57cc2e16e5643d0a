using ReliableQueue.ConsumerTests;

[assembly: AssemblyFixture(typeof(PackageFeed))]

// Most of what these tests do is wait for handlers; the builds take turns by themselves.
[assembly: CollectionBehavior(MaxParallelThreads = 8)]
