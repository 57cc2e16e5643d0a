namespace ReliableQueue.Tests.Worker;

/// <summary>A handler is tested without a worker: its context is made by hand.</summary>
public sealed class MessageContextTests
{
    [Fact]
    public void A_context_made_by_a_test_holds_a_valid_lease_and_has_not_been_cancelled()
    {
        var context = new MessageContext { DeliveryCount = 3, Headers = new Dictionary<string, string> { ["tenant"] = "a" } };

        Assert.True(context.IsLeaseValid);
        Assert.Equal((3, "a", CancellationReason.None), (context.DeliveryCount, context.Headers["tenant"], context.CancellationReason));
    }

    [Fact]
    public void A_test_can_let_the_lease_end_while_its_handler_runs()
    {
        var isOver = false;
        var context = new MessageContext { LeaseCheck = () => !isOver, ReasonCheck = () => isOver ? CancellationReason.LeaseLost : CancellationReason.None };
        Assert.Equal((true, CancellationReason.None), (context.IsLeaseValid, context.CancellationReason));

        isOver = true;

        Assert.Equal((false, CancellationReason.LeaseLost), (context.IsLeaseValid, context.CancellationReason));
    }

    [Fact]
    public void A_worker_gives_its_handler_every_fact_of_the_delivery()
    {
        using var rig = new WorkerRig();
        rig.Start();
        var id = Assert.Single(rig.Enqueue(1));

        var context = Assert.Single(rig.Handled);
        Assert.Equal((id, rig.Queue, "work", 1), (context.Id, context.Queue, context.MessageType, context.DeliveryCount));
        Assert.Equal(rig.Time.GetUtcNow(), context.EnqueuedAt);
        Assert.True(context.FencingToken > 0);
        Assert.Empty(context.Headers);
    }
}
