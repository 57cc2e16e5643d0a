using Microsoft.Extensions.DependencyInjection;

namespace ReliableQueue.FaultTests;

/// <summary>The common end of the fault tests finds what no test permits: one that never failed proves nothing.</summary>
public sealed class FinalCheckTests
{
    [Fact]
    public async Task A_dead_letter_that_is_not_permitted_is_found_and_one_that_is_permitted_and_not_there_too()
    {
        await using var rig = await FaultRig.StartAsync(FaultRig.Sqlite);
        await rig.EnqueueAsync(WorkOrderAct.Reject);
        rig.Start("worker");

        Assert.Contains("there are 1 dead letters, and 0 are to be", await FoundAsync(rig, Permitted.Nothing), StringComparison.Ordinal);
        Assert.Contains("there are 1 dead letters, and 2 are to be", await FoundAsync(rig, new Permitted { DeadLetters = 2 }), StringComparison.Ordinal);
        await rig.FinishedAsync(new Permitted { DeadLetters = 1 });
    }

    [Fact]
    public async Task A_message_that_no_producer_of_the_test_enqueued_is_found()
    {
        await using var rig = await FaultRig.StartAsync(FaultRig.Sqlite);
        await using var stranger = new ServiceCollection().AddLogging().AddReliableQueue(queue => queue.Use(rig.Address)).BuildServiceProvider();
        await rig.EnqueueAsync(WorkOrderAct.Return);
        var message = await stranger.GetRequiredService<IQueueClient>().EnqueueAsync(WorkOrder.Queue, new WorkOrder(WorkOrderAct.Return), cancellationToken: CancellationToken.None);
        rig.Start("worker");

        Assert.Contains($"{message}, was not to be expected: nobody enqueued it", await FoundAsync(rig, Permitted.Nothing), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_is_left_over_is_found()
    {
        await using var rig = await FaultRig.StartAsync(FaultRig.RedisName);
        await rig.EnqueueAsync(WorkOrderAct.Return);
        rig.Start("worker");
        await rig.FinishedAsync();

        await rig.Redis.CommandAsync("SADD", $"{{rq:{WorkOrder.Queue}}}:forgotten", "it");
        Assert.Contains("Redis still holds", await FoundAsync(rig, Permitted.Nothing), StringComparison.Ordinal);
    }

    private static async Task<string> FoundAsync(FaultRig rig, Permitted permitted) => (await Record.ExceptionAsync(() => rig.FinishedAsync(permitted)))?.Message ?? "nothing";
}
