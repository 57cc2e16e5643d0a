using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;
using ReliableQueue.State;
using ReliableQueue.TestKit;
using ReliableQueue.Tests.Worker;
using Xunit;

namespace ReliableQueue.Tests.Diagnostics;

/// <summary>One event when it is lost, one a minute, one when it is back, however many queues notice.</summary>
public class OutageLogTests
{
    private readonly VirtualTime time = new();
    private readonly List<string> told = [];
    private readonly OutageLog outage;

    public OutageLogTests() => outage = new OutageLog(time, new OutageTexts(
        exception => told.Add($"lost: {exception.Message}"),
        (lasting, calls) => told.Add($"lasts {lasting.TotalSeconds:F0} s, {calls} calls"),
        (lasted, calls) => told.Add($"over after {lasted.TotalSeconds:F0} s, {calls} calls")));

    [Fact]
    public void Twenty_queues_that_fail_for_three_minutes_are_told_of_once_and_reminded_of_each_minute()
    {
        object[] queues = [.. Enumerable.Range(0, 20).Select(_ => new object())];
        for (var second = 0; second < 180; second++)
        {
            Array.ForEach(queues, queue => outage.Failed(new TimeoutException("down"), queue));
            time.Advance(TimeSpan.FromSeconds(1));
        }

        foreach (var queue in queues)
        {
            Assert.Equal(3, told.Count);
            outage.Answered(queue);
        }

        Assert.Equal(["lost: down", "lasts 60 s, 1201 calls", "lasts 120 s, 2401 calls", "over after 180 s, 3600 calls"], told);
    }

    [Fact]
    public void What_fails_and_works_in_turn_is_told_of_once_a_minute()
    {
        for (var second = 0; second < 120; second++)
        {
            outage.Failed(new TimeoutException("down"));
            outage.Answered();
            time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(["lost: down", "over after 0 s, 1 calls", "lost: down", "over after 0 s, 1 calls"], told);
    }

    [Fact]
    public void An_answer_to_one_queue_does_not_end_the_outage_of_another_that_ends_when_that_one_leaves()
    {
        var refused = new object();
        outage.Failed(new TimeoutException("no permission"), refused);
        outage.Answered();
        outage.Answered(new object());
        Assert.Single(told);

        outage.Leave(refused);
        outage.Answered();
        Assert.Equal(2, told.Count);
    }

    [Fact]
    public void A_worker_says_once_that_its_broker_is_lost_and_that_it_is_back()
    {
        var (log, isDown) = (new EventLog(), false);
        using var rig = new WorkerRig { Logger = log };
        rig.Broker.Before = _ => isDown ? throw new BrokerException(BrokerFault.NotApplied, "down") : Task.CompletedTask;
        rig.Start();
        isDown = true;
        rig.Advance(TimeSpan.FromSeconds(90));
        isDown = false;
        rig.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal([211, 212, 213], log.Events.Where(logged => logged.Level >= Microsoft.Extensions.Logging.LogLevel.Information).Select(logged => logged.Id));
    }

    [Fact]
    public void A_worker_says_once_that_its_state_file_fails_and_that_it_works_again()
    {
        var log = new EventLog();
        using var rig = new WorkerRig { Logger = log, Handler = (_, _) => throw new RejectMessageException("impossible") };
        rig.Options.Concurrency = 1;
        rig.Start();
        rig.State.Broken = new StateFileException("worker.db", "disk full");
        rig.Enqueue(100);
        rig.Advance(TimeSpan.FromSeconds(90));
        rig.State.Broken = null;
        rig.Advance(TimeSpan.FromSeconds(30));

        Assert.Single(log.Of(604));
        Assert.Single(log.Of(606));
    }
}
