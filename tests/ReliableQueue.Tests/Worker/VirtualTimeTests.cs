using ReliableQueue.TestKit;

namespace ReliableQueue.Tests.Worker;

/// <summary>What the tests' clock does that the tests of the worker rely on, and other clocks for tests do not do.</summary>
public sealed class VirtualTimeTests
{
    private readonly VirtualTime time = new();
    private readonly List<string> fired = [];

    [Fact]
    public void Advance_OverSeveralTimers_ShowsEachTheMomentItIsDue()
    {
        var start = time.GetTimestamp();
        using var second = Timer(2, () => fired.Add($"second at {time.GetElapsedTime(start).TotalSeconds}"));
        using var first = Timer(1, () => fired.Add($"first at {time.GetElapsedTime(start).TotalSeconds}"));

        time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(["first at 1", "second at 2"], fired);
    }

    [Fact]
    public void Advance_ATimerThatStartsAnother_FiresThatOneInTheSameAdvance()
    {
        List<ITimer> started = [];
        using var first = Timer(1, () => started.Add(Timer(1, () => fired.Add("second"))));

        time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(["second"], fired);
        Assert.All(started, timer => timer.Dispose());
        Assert.Equal(0, time.PendingTimers);
    }

    private ITimer Timer(int seconds, Action then) => time.CreateTimer(_ => then(), null, TimeSpan.FromSeconds(seconds), Timeout.InfiniteTimeSpan);
}
