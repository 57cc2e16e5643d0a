using ReliableQueue.Simulation.World;
using ReliableQueue.State;

namespace ReliableQueue.Simulation.Workers;

/// <summary>The end of every simulation: the workers are stopped in good order, in time (I14), and leave nothing behind (I15).</summary>
internal static class Ending
{
    // What nobody waits for is written within 3 s.
    private static readonly TimeSpan LastWrites = TimeSpan.FromSeconds(5);

    public static void Check(EventLoop loop, IReadOnlyList<Machine> all, SimulationOptions options)
    {
        var machines = all.Where(machine => !machine.IsLost).ToList();
        machines.ForEach(machine => machine.Run?.Stop());
        var longest = options.DrainTimeout + options.HandlerGrace + TimeSpan.FromSeconds(10);
        loop.RunUntil(loop.Now + longest.Ticks, () => machines.TrueForAll(machine => machine.Run is { IsStopped: true }));
        foreach (var machine in machines)
        {
            var run = machine.Run;
            Demand(run is { IsStopped: true }, "I14", $"worker {machine.Worker} did not stop in {longest}");
            Demand(run.InHand == 0, "I15", $"worker {machine.Worker} stopped with {run.InHand} slots taken");
            Demand(run.Process.Clock.PendingTimers == 0, "I15", $"worker {machine.Worker} stopped with {run.Process.Clock.PendingTimers} timers pending");
        }

        loop.RunUntil(loop.Now + LastWrites.Ticks);
        foreach (var machine in machines)
        {
            CheckFile(machine, options);
        }
    }

    /// <summary>After a stop in good order the file holds what must be remembered (rejections, completions, the epochs), and of the rest nothing.</summary>
    private static void CheckFile(Machine machine, SimulationOptions options)
    {
        var (sessions, epochs) = (machine.Disk.Read(StateTable.Sessions), machine.Disk.Read(StateTable.Epochs));
        Demand(!sessions.Any(row => row.IsGood), "I15", $"the state file of worker {machine.Worker} still names {sessions.Count()} sessions");
        Demand(epochs.Count(row => row.IsGood) <= options.Queues, "I15", $"the state file of worker {machine.Worker} holds {epochs.Count()} epochs");

        var records = machine.Disk.Read(StateTable.Records).Where(row => row.IsGood).ToList();
        var unsent = records.Count(row => RecordRow.TryRead(row.Row, row.Columns, out var read, out _) && read.IsUnsent);
        Demand(unsent == 0, "I15", $"the state file of worker {machine.Worker} holds {unsent} settlements that were answered");
        var orphans = machine.Disk.Read(StateTable.Answers).Select(row => row.Row).Except(records.Select(row => row.Row)).Count();
        Demand(orphans == 0 || machine.HasDamage, "I15", $"the state file of worker {machine.Worker} holds {orphans} answers to nothing");
    }

    private static void Demand([System.Diagnostics.CodeAnalysis.DoesNotReturnIf(false)] bool holds, string invariant, string what)
    {
        if (!holds)
        {
            throw new ViolationException(invariant, what);
        }
    }
}
