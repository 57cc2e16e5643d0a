using ReliableQueue.Broker;
using ReliableQueue.State;
using Xunit;

namespace ReliableQueue.Tests.Worker;

public class StateFaultTests
{
    [Fact]
    public void A_worker_whose_state_file_cannot_be_written_finishes_what_it_has_and_leases_no_more()
    {
        using var rig = new WorkerRig();
        rig.Start();
        rig.State.Broken = new StateFileException("worker.db", "disk full");
        rig.State.Fault = "disk full";
        rig.Enqueue(1);
        rig.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, rig.Statistics.Ready);

        rig.State.Broken = null;
        rig.Advance(TimeSpan.FromSeconds(5));

        Assert.Single(rig.Handled);
    }

    [Fact]
    public void A_worker_with_no_free_slot_leases_nothing_for_the_slots_that_come_back_when_its_state_file_cannot_be_written()
    {
        var rejecting = new TaskCompletionSource();
        using var rig = new WorkerRig { Handler = (_, _) => rejecting.Task };
        rig.Options.Concurrency = 2;
        rig.Start();
        rig.Enqueue(3);
        rig.Advance(TimeSpan.FromSeconds(10));

        rig.State.Broken = new StateFileException("worker.db", "disk full");
        rejecting.SetException(new RejectMessageException("impossible"));
        rig.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal((2, 1), (rig.DeadLetters.Count, rig.Statistics.Ready));
        Assert.Equal(2, rig.Handled.Count);

        rig.State.Broken = null;
        rig.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(3, rig.Handled.Count);
    }

    [Fact]
    public void A_lease_call_that_is_being_repeated_leases_nothing_once_the_state_file_cannot_be_written()
    {
        using var rig = new WorkerRig();
        var isDown = true;
        rig.Broker.Before = call => call == "lease" && isDown ? throw new BrokerException(BrokerFault.NotApplied, "down") : Task.CompletedTask;
        rig.Start();
        rig.Enqueue(3);
        rig.Advance(TimeSpan.FromSeconds(5));

        rig.State.Broken = new StateFileException("worker.db", "disk full");
        rig.State.Fault = "disk full";
        isDown = false;
        rig.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal((0, 3), (rig.Handled.Count, rig.Statistics.Ready));

        rig.State.Broken = null;
        rig.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(3, rig.Handled.Count);
    }
}
