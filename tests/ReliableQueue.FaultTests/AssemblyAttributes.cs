// Four at a time, on two cores: most of what these tests do is wait for processes, leases and connections.
[assembly: CollectionBehavior(MaxParallelThreads = 4)]
[assembly: TestCollectionOrderer(typeof(ReliableQueue.FaultTests.LongestFirst))]
