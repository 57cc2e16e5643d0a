using ReliableQueue.Broker;
using ReliableQueue.Working.Lease;
using ReliableQueue.State;
using ReliableQueue.TestKit;
using Xunit;

namespace ReliableQueue.Tests.Worker;

public sealed class LossWatchTests
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
        var watch = new LossWatch(new QueueMemory(new MemoryState(), new StateScope("memory", QueueName.Parse("work"))), time, Given.Signals(QueueName.Parse("work"), time));
        var earlier = new EarlierSession(new SessionId(1), LastCall: 9, time.GetUtcNow());
        time.Advance(TimeSpan.FromHours(hoursAway));

        watch.Compare(earlier, new ReturnReply(0, 0, IsComplete: true, remembered, StateRegressed: false));

        Assert.Equal(reported, watch.LastSeen is not null);
    }

    [Fact]
    public void A_loss_that_an_earlier_run_was_told_of_before_it_died_is_reported_by_its_successor()
    {
        var time = new VirtualTime();
        var watch = new LossWatch(new QueueMemory(new MemoryState(), new StateScope("memory", QueueName.Parse("work"))), time, Given.Signals(QueueName.Parse("work"), time));

        watch.Compare(new EarlierSession(new SessionId(1), LastCall: 9, time.GetUtcNow()), new ReturnReply(0, 0, IsComplete: true, LastCall: 10, StateRegressed: true));

        Assert.NotNull(watch.LastSeen);
    }
}
