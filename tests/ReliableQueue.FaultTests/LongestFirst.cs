using Xunit.Sdk;
using Xunit.v3;

namespace ReliableQueue.FaultTests;

/// <summary>Begins with the classes that take longest, so that none of them runs on alone when the others are done.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly Type[] longest =
    [
        typeof(CutNetworkTests), typeof(RedisRestartTests), typeof(LongHandlerTests), typeof(LongBlockingHandlerTests), typeof(LongHandlerInFullMemoryTests), typeof(FencingTests), typeof(ClockTests),
    ];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection => [.. testCollections.OrderBy(Rank)];

    private static int Rank<TTestCollection>(TTestCollection collection)
        where TTestCollection : ITestCollection
    {
        var rank = Array.FindIndex(longest, type => collection.TestCollectionDisplayName.Contains(type.FullName ?? type.Name, StringComparison.Ordinal));
        return rank < 0 ? longest.Length : rank;
    }
}
