using ReliableQueue.Broker;
using ReliableQueue.Tests.Security;
using ReliableQueue.Working.Life;

namespace ReliableQueue.Tests.Worker;

/// <summary>A worker says that it is there, and nothing depends on it.</summary>
public sealed class SessionAnnouncerTests
{
    private static readonly TimeSpan QuarterOfAnHour = TimeSpan.FromMinutes(15);

    [Fact]
    public void Worker_Started_IsListedAtOnceWithItsNameAndConcurrency()
    {
        using var rig = new WorkerRig();
        rig.Options.Concurrency = 7;

        rig.Start();

        var listed = Assert.Single(Workers(rig));
        Assert.Equal((rig.State.OpenSessions[^1], 7, 0), (listed.Session, listed.Concurrency, listed.Held));
        Assert.Equal(SessionAnnouncer.NameOf("", Environment.MachineName, Environment.ProcessId), listed.Worker);
    }

    [Fact]
    public void Worker_Idle_StaysListed()
    {
        using var rig = new WorkerRig();
        rig.Start();

        for (var minute = 0; minute < 15; minute++)
        {
            rig.Advance(TimeSpan.FromMinutes(1));
            Assert.Single(Workers(rig));
        }
    }

    [Fact]
    public void Worker_Killed_IsListedNoMoreAfterThreeMinutes()
    {
        using var rig = new WorkerRig();
        rig.Start();

        rig.Kill();
        rig.Time.Advance(TimeSpan.FromMinutes(3));

        Assert.Empty(Workers(rig));
    }

    [Fact]
    public void Worker_Stopped_IsListedWhileItDrainsAndNotAfterwards()
    {
        var release = new TaskCompletionSource();
        using var rig = new WorkerRig { Handler = (_, _) => release.Task };
        rig.Start();
        rig.Enqueue(1);
        rig.Advance(TimeSpan.FromSeconds(2));

        rig.Stop();
        rig.Advance(TimeSpan.FromSeconds(5));
        Assert.True(Assert.Single(Workers(rig)) is { Worker: not null, Held: 1 });

        release.SetResult();
        rig.Advance(rig.DrainTimeout + rig.Options.HandlerGrace);
        Assert.True(rig.Running.IsCompletedSuccessfully);
        Assert.Empty(Workers(rig));
    }

    [Fact]
    public void Worker_FencedSession_AnnouncesTheNewOneAtOnce()
    {
        using var rig = new WorkerRig();
        rig.Start();
        var first = rig.State.OpenSessions[^1];

        rig.ReturnItsSession();
        rig.Advance(TimeSpan.FromSeconds(9));

        Assert.NotEqual(first, rig.State.OpenSessions[^1]);
        Assert.Contains(Workers(rig), worker => worker.Session == rig.State.OpenSessions[^1]);
    }

    [Fact]
    public void Announcement_Failing_IsNoOutageAndLoggedForDevelopersOnly()
    {
        using var log = new CanaryLog();
        using var rig = new WorkerRig { Logger = log.CreateLogger("worker") };
        rig.Broker.Before = call => call == "announce" ? throw new BrokerException(BrokerFault.Refused, "No right to announce.") : Task.CompletedTask;

        var worker = rig.Start();
        rig.Enqueue(1);
        rig.Advance(QuarterOfAnHour);

        Assert.Single(rig.Handled);
        Assert.Null(worker.Outage);
        Assert.Empty(Workers(rig));
        Assert.NotEmpty(log.Entries);
        Assert.All(log.Entries, entry => Assert.StartsWith("worker Debug NotAnnounced ", entry.Text, StringComparison.Ordinal));

        rig.Broker.Before = _ => Task.CompletedTask;
        rig.Advance(TimeSpan.FromMinutes(2));
        Assert.Single(Workers(rig));
    }

    [Fact]
    public void Announcement_WithoutAnswer_HoldsUpNeitherLeasingNorTheEnd()
    {
        using var rig = new WorkerRig();
        rig.Broker.Before = call => call == "announce" ? new TaskCompletionSource().Task : Task.CompletedTask;

        rig.Start();
        rig.Enqueue(1);
        rig.Advance(TimeSpan.FromSeconds(5));
        rig.Stop();
        rig.Advance(rig.DrainTimeout + rig.Options.HandlerGrace + TimeSpan.FromSeconds(5));

        Assert.Single(rig.Handled);
        Assert.True(rig.Running.IsCompletedSuccessfully);
    }

    [Fact]
    public void NameOf_LongNames_IsWhatTheBrokerKeeps()
    {
        Assert.Equal("billing, process 17 on host 'web-3'", SessionAnnouncer.NameOf("billing", "web-3", 17));
        Assert.Equal(256, SessionAnnouncer.NameOf("billing", new string('x', 400), 17).Length);
    }

    private static IReadOnlyList<WorkerListing> Workers(WorkerRig rig) => rig.Broker.Admin.ListWorkersAsync(rig.Queue, CancellationToken.None).Result;
}
