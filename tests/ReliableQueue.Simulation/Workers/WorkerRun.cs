using ReliableQueue.Working.Lease;
using ReliableQueue.Simulation.World;

namespace ReliableQueue.Simulation.Workers;

/// <summary>One run of a worker, from its start to its stop or its death: its queues on one clock and one set of turns, with one state file and one keeper of leases.</summary>
internal sealed class WorkerRun : IDisposable
{
    private readonly LeaseKeeper keeper;
    private readonly PlantedBug bug;
    private readonly Task running;

    public WorkerRun(Process process, DiskState state, IReadOnlyList<QueueRun> queues, PlantedBug bug)
    {
        (Process, State, Queues, this.bug) = (process, state, queues, bug);
        keeper = new LeaseKeeper(new RenewalLink(queues, bug), process.Clock);
        running = process.Turns.Start(() =>
        {
            foreach (var queue in queues)
            {
                queue.Build(keeper);
            }

            IsBegun = true;
            process.Do(StepKeeper);
            return Task.WhenAll(queues.Select(queue => queue.RunAsync()));
        });
    }

    public static IReadOnlyList<QueueName> QueueNames { get; } = [QueueName.Parse("work"), QueueName.Parse("mail")];

    public Process Process { get; }

    public DiskState State { get; }

    public IReadOnlyList<QueueRun> Queues { get; }

    /// <summary>Whether its first turn was taken: before that there is nothing to stop.</summary>
    public bool IsBegun { get; private set; }

    public bool IsStopped => running.IsCompleted;

    public int InHand => Queues.Sum(queue => queue.InHand);

    /// <summary>Nothing of earlier runs is left to be done.</summary>
    public bool IsStateEmptied => Queues.All(queue => queue.IsStateEmptied);

    /// <summary>SIGTERM.</summary>
    public void Stop() => Process.Do(() =>
    {
        if (IsBegun)
        {
            foreach (var queue in Queues)
            {
                Process.Turns.Start(() =>
                {
                    queue.Stop();
                    return Task.CompletedTask;
                });
            }
        }
    });

    public void Dispose()
    {
        foreach (var queue in Queues)
        {
            queue.Dispose();
        }
    }

    /// <summary>The thread of the keeper: it steps, waits as long as it was told, and steps again, whatever the tasks do.</summary>
    private void StepKeeper()
    {
        if (running.IsCompleted)
        {
            return;
        }

        if (bug == PlantedBug.RenewalOnThePool)
        {
            Process.Turns.Start(() =>
            {
                Process.After(keeper.Step(), StepKeeper);
                return Task.CompletedTask;
            });
            return;
        }

        Process.After(keeper.Step(), StepKeeper);
    }
}
