using System.Text;
using ReliableQueue.Simulation.Checking;
using ReliableQueue.Simulation.Queue;
using ReliableQueue.Simulation.Workers;
using ReliableQueue.Simulation.World;

namespace ReliableQueue.Simulation;

/// <summary>
/// One simulation: a broker, a producer and a few real workers on one thread and one line of time. Faults for a while, then everything heals, every acknowledged message
/// must end, and the workers are stopped.
/// </summary>
internal sealed class SimulatedQueue
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    // After a fault a loop may still be in its pause of up to 2.5 s, and a start makes several calls.
    private static readonly TimeSpan LongestIdle = TimeSpan.FromSeconds(5);

    private readonly EventLoop loop = new();
    private readonly SimulationOptions options;
    private readonly ulong seed;
    private readonly History history;
    private readonly QueueModel model;
    private readonly Network network;
    private readonly List<Machine> machines = [];
    private readonly Producer producer;
    private readonly Process producing;
    private readonly Nemesis nemesis;
    private readonly long startedAt;
    private int idleLooks;
    private bool isStopping;

    private SimulatedQueue(ulong seed, PlantedBug bug)
    {
        var chance = new Chance(seed);
        this.seed = seed;
        startedAt = loop.Now;
        options = new SimulationOptions(chance.Fork());
        history = new History(loop, new HistoryChecker(options));
        model = new QueueModel(loop, chance.Fork(), history, bug);
        network = new Network(loop, chance.Fork(), options);
        var planning = chance.Fork();
        var plans = Enumerable.Range(0, options.Messages).Select(_ => MessagePlan.Draw(planning, options)).ToList();
        for (var worker = 1; worker <= options.Workers; worker++)
        {
            machines.Add(new Machine(worker, loop, network, model, history, plans, chance.Fork(), options, bug));
        }

        producing = new Process(loop, chance.Fork(), 0, 0, shuffles: false);
        var link = new BrokerLink(loop, network, model, history, producing, 0, 0, PlantedBug.None, options);
        producer = new Producer(producing, link, chance.Fork(), history, options);
        nemesis = new Nemesis(loop, chance.Fork(), network, model, machines, history, options, NoteLoss);
        model.OnEnqueued = () => machines.ForEach(machine => machine.Run?.Link.Hint());
    }

    public static Outcome Run(ulong seed, PlantedBug bug = PlantedBug.None)
    {
        var simulation = new SimulatedQueue(seed, bug);
        try
        {
            simulation.Run();
            return new Outcome(seed, simulation.history.Hash, null, null, simulation.Totals());
        }
        catch (ViolationException violation)
        {
            return new Outcome(seed, simulation.history.Hash, violation.Invariant, simulation.Report(violation), simulation.Totals());
        }
    }

    private void Run()
    {
        machines.ForEach(machine => machine.Start());
        producing.Turns.Start(producer.RunAsync);
        nemesis.Begin();
        loop.RunUntil(loop.Now + options.Faults.Ticks);

        network.Heal();
        machines.ForEach(machine => machine.Heal());
        history.Add(What.Healed);
        loop.After(Look, CheckIdle);
        loop.RunUntil(loop.Now + options.LongestDrain.Ticks, () => IsDrained);
        Demand(history.Checker.HasLostWrites || IsDrained, "I9", "not drained: a message has not ended, or a worker is not back");
        history.Checker.Conclude();
        CheckReports();
        Stop();
        Demand(!machines.Exists(machine => machine.Escaped || machine.Run?.Process.Turns.Escaped == true), "determinism", "a task escaped to the pool");
    }

    /// <summary>Nothing that is ready waits for long while a worker has nothing to do. Suspects wait for each other, so they are passed over.</summary>
    private void CheckIdle()
    {
        var waits = model.Live.Any(message => message is { Losses: < 2 } && message.IsReady(loop.Now))
            && machines.Exists(machine => machine is { IsUp: true, Run.InHand: 0 });
        idleLooks = waits ? idleLooks + 1 : 0;
        Demand(idleLooks * Look < LongestIdle + (2 * options.PollInterval), "I9", $"a message was ready for {idleLooks * Look} while a worker was idle");
        if (!isStopping)
        {
            loop.After(Look, CheckIdle);
        }
    }

    private bool IsDrained => producer.IsDone
        && machines.TrueForAll(machine => machine is { IsLost: true } or { IsUp: true, Run: { InHand: 0, IsStateEmptied: true } })
        && !model.Live.Any();

    private void NoteLoss() => machines.ForEach(machine =>
    {
        if (machine.Run is { } run)
        {
            // Anew each time: what one rollback took, the next may bring back before anybody has looked.
            run.Link.AwaitsReport = run.Link.LostOneOfMine;
        }
    });

    private void CheckReports() => machines.ForEach(machine => Demand(
        machine.Run is not { Link.MustReport: true, HasReportedLoss: false }, "loss report", $"worker {machine.Worker} knew calls that the broker had forgotten, and said nothing"));

    private void Stop()
    {
        isStopping = true;
        machines.RemoveAll(machine => machine.IsLost);
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
    }

    private static void Demand([System.Diagnostics.CodeAnalysis.DoesNotReturnIf(false)] bool holds, string invariant, string what)
    {
        if (!holds)
        {
            throw new ViolationException(invariant, what);
        }
    }

    private Totals Totals()
    {
        var trails = history.Checker.Messages.Values;
        return new Totals(
            trails.Count(trail => trail.IsAsked),
            trails.Count(trail => trail.IsAcknowledged),
            history.Checker.HasLostWrites ? 0 : trails.Count(trail => trail.IsAcknowledged && !trail.IsEnded),
            trails.Count(trail => trail.IsCreated && !trail.IsAsked),
            trails.Sum(trail => Math.Max(0, trail.Successes - 1)),
            trails.Count(trail => trail.IsUnknown && trail.IsEnded),
            trails.Sum(trail => trail.Successes),
            machines.Sum(machine => machine.Kills),
            machines.Sum(machine => machine.Pauses),
            TimeSpan.FromTicks(loop.Now - startedAt),
            loop.Occurred);
    }

    private string Report(ViolationException violation)
    {
        var report = new StringBuilder();
        report.AppendLine($"Seed {seed} violates {violation.Message}");
        report.AppendLine($"Again: RQ_SIM_SEED={seed}");
        report.AppendLine(options.ToString());
        foreach (var each in history.Last)
        {
            report.AppendLine(each.ToString());
        }

        return report.ToString();
    }
}
