using ReliableQueue.Simulation.World;

namespace ReliableQueue.Simulation.Workers;

/// <summary>
/// Loss is reported, never silent, where a process of before the loss calls again. A run that is killed in the instant in which the answer comes, before it has looked at
/// it, can tell nobody: then the next run of its worker must, because the broker says it again when the session is returned. A machine that burns down in that instant
/// takes the news with it, as it would have taken the report.
/// </summary>
internal static class LossReports
{
    /// <summary>The broker has just lost writes.</summary>
    public static void Note(IEnumerable<Machine> machines)
    {
        foreach (var machine in machines)
        {
            machine.OwedReports.Clear();
            foreach (var queue in machine.Run?.Queues ?? [])
            {
                queue.Link.NoteLoss();
            }
        }
    }

    /// <summary>After the faults, when every worker has had time to call.</summary>
    public static void Check(IEnumerable<Machine> machines)
    {
        foreach (var machine in machines.Where(machine => machine.HasLivingRun))
        {
            var queues = machine.Run?.Queues ?? [];
            for (var index = 0; index < queues.Count; index++)
            {
                var (queue, isOwed) = (queues[index], machine.OwedReports.Contains(index));
                if ((queue.Link.MustReport || isOwed) && !queue.HasReportedLoss)
                {
                    throw new ViolationException(
                        isOwed ? "loss inherited" : "loss report",
                        $"worker {machine.Worker} {(isOwed ? "was told in an earlier run that the broker had lost writes" : "knew calls that the broker had forgotten")}, and said nothing");
                }
            }
        }
    }
}
