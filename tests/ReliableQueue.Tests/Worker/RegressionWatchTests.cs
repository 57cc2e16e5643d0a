using Microsoft.Extensions.Logging.Abstractions;
using ReliableQueue.Broker;
using ReliableQueue.Pipeline.Leasing;
using ReliableQueue.State;
using ReliableQueue.TestKit;
using Xunit;

namespace ReliableQueue.Tests.Worker;

public sealed class RegressionWatchTests
{
    [Theory]
    [InlineData(9, 1, false)]
    [InlineData(8, 1, true)]
    [InlineData(0, 1, true)]
    [InlineData(8, 72, true)]
    [InlineData(0, 72, false)]
    public void Compare_CallsTheBrokerRemembersOfAnEarlierSession_ReportsALossButNotALaneDroppedForAge(long remembered, int hoursAway, bool reported)
    {
        var time = new VirtualTime();
        var watch = new RegressionWatch(new StateScope("memory", QueueName.Parse("work")), new MemoryState(), time, NullLogger.Instance);
        var earlier = new EarlierSession(new SessionId(1), LastCall: 9, time.GetUtcNow());
        time.Advance(TimeSpan.FromHours(hoursAway));

        watch.Compare(earlier, remembered);

        Assert.Equal(reported, watch.LastSeen is not null);
    }
}
