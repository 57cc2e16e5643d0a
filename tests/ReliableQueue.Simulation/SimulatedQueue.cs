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
    private static readonly TimeSpan LookAtPlaces = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    // After a fault a loop may still be in its pause of up to 2.5 s, and a start makes several calls.
    private static readonly TimeSpan LongestIdle = TimeSpan.FromSeconds(5);

    private readonly EventLoop loop = new();
    private readonly SimulationOptions options;
    private readonly Setup setup;
    private readonly History history;
    private readonly List<SimulatedRules> models = [];
    private readonly Network network;
    private readonly List<Machine> machines = [];
    private readonly List<Producer> producers = [];
    private readonly List<Task> producings = [];
    private readonly Process producing;
    private readonly Nemesis nemesis;
    private readonly long startedAt;
    private readonly int[] idleLooks;
    private long trialsUntil;
    private bool isStopping;

    private SimulatedQueue(Setup setup)
    {
        var chance = new Chance(setup.Seed);
        this.setup = setup;
        startedAt = loop.Now;
        options = setup.Apply(new SimulationOptions(chance.Fork()));
        idleLooks = new int[options.Queues];
        history = new History(loop, new HistoryChecker(options));
        models.Add(new SimulatedRules(loop, chance.Fork(), history, setup.Bug));
        network = new Network(loop, chance.Fork(), options);
        var planning = chance.Fork();
        var plans = Enumerable.Range(0, options.Messages).Select(_ => MessagePlan.Draw(planning, options)).ToList();
        plans.RemoveRange(options.Messages - options.TrialMessages, options.TrialMessages);
        plans.AddRange(Enumerable.Repeat(new MessagePlan(Behaviour.Succeed, 3 * options.VisibilityTimeout), options.TrialMessages));
        for (var worker = 1; worker <= options.Workers; worker++)
        {
            machines.Add(new Machine(worker, loop, network, models, history, plans, chance.Fork(), options, setup.Bug));
        }

        producing = new Process(loop, chance.Fork(), 0, 0, shuffles: false);
        var sources = (First: chance.Fork(), Harm: chance.Fork());
        if (options.SecondQueue)
        {
            models.Add(new SimulatedRules(loop, chance.Fork(), history, setup.Bug));
        }

        nemesis = new Nemesis(loop, sources.Harm, network, models, machines, history, options, NoteLoss);
        for (var queue = 0; queue < models.Count; queue++)
        {
            var (number, link) = (queue, new BrokerLink(loop, network, models[queue], history, producing, 0, 0, PlantedBug.None, options));
            var numbers = (options.Messages * queue / models.Count)..(options.Messages * (queue + 1) / models.Count);
            producers.Add(new Producer(producing, link, WorkerRun.QueueNames[queue], numbers, queue == 0 ? sources.First : chance.Fork(), history, options));
            models[queue].OnHint = () => machines.ForEach(machine => machine.Run?.Queues[number].Link.Hint());
        }
    }

    public static Outcome Run(ulong seed, PlantedBug bug = PlantedBug.None) => Run(new Setup(seed, bug));

    public static Outcome Run(Setup setup)
    {
        var simulation = new SimulatedQueue(setup);
        try
        {
            simulation.Run();
            return new Outcome(setup, simulation.history.Hash, null, null, simulation.Totals());
        }
        catch (ViolationException violation)
        {
            return new Outcome(setup, simulation.history.Hash, violation.Invariant, simulation.Report(violation), simulation.Totals());
        }
    }

    /// <summary>What a setup expands to.</summary>
    public static SimulationOptions OptionsOf(Setup setup) => new SimulatedQueue(setup).options;

    private void Run()
    {
        machines.ForEach(machine => machine.Start());
        producings.AddRange(producers.Select(producer => producing.Turns.Start(producer.RunAsync)));
        nemesis.Begin();
        loop.After(LookAtPlaces, CheckPlaces);
        loop.RunUntil(loop.Now + options.Faults.Ticks);

        network.Heal();
        machines.ForEach(machine => machine.Heal());
        history.Add(What.Healed);
        PutOnTrial();
        loop.After(Look, CheckIdle);

        // A call whose answer was lost just before goes on until its time limit. A worker that is stopped within that time may give its session up, and rightly keeps its name.
        var lastAnswer = loop.Now + options.CallTimeout.Ticks;
        loop.RunUntil(loop.Now + options.LongestDrain.Ticks, () => IsDrained && loop.Now > lastAnswer);
        Demand(!producings.Exists(each => each.IsFaulted), "simulation", "a producer ended with an exception");
        Demand(IsDrained, "I9", "not drained: a message has not ended, or a worker is not back");
        history.Checker.Conclude();
        LossReports.Check(machines);
        isStopping = true;
        Ending.Check(loop, machines, options);
        Demand(!machines.Exists(machine => machine.Escaped || machine.Run?.Process.Turns.Escaped == true), "determinism", "a task escaped to the pool");
    }

    /// <summary>
    /// Blocked tasks harm no lease, as the thread that renews goes on. Tried once everything else is well, when a lost lease has no other excuse, on messages that take long
    /// enough, next to one worker that is not blocked and would take what the others lose.
    /// </summary>
    private void PutOnTrial()
    {
        if (options.Stalls > TimeSpan.Zero)
        {
            trialsUntil = loop.Now + (9 * options.VisibilityTimeout.Ticks);
            loop.After(6 * options.VisibilityTimeout, () => machines.SkipLast(1).ToList().ForEach(machine => machine.Stall(2.5 * options.VisibilityTimeout)));
        }
    }

    private void CheckPlaces()
    {
        models.ForEach(model => PlaceChecker.Check(model, history));
        PlaceChecker.CheckTotal(models, history);
        if (!isStopping)
        {
            loop.After(LookAtPlaces, CheckPlaces);
        }
    }

    /// <summary>
    /// I9 and I13: nothing that is ready waits for long while a worker has a slot free, whatever runs in its other slots. Suspects wait for each other, so they are passed
    /// over.
    /// </summary>
    private void CheckIdle()
    {
        for (var queue = 0; queue < models.Count; queue++)
        {
            var waits = models[queue].Live.Any(message => message is { Losses: < 2 } && message.IsReady(loop.Now));
            var isIdle = waits && machines.Exists(machine => machine is { IsUp: true, Run: { } run } && run.Queues[queue].InHand == 0);
            var hasRoom = waits && machines.Exists(machine => machine is { IsUp: true, Run: { } run } && run.Queues[queue].HasFreeSlot);
            idleLooks[queue] = hasRoom ? idleLooks[queue] + 1 : 0;
            Demand(
                idleLooks[queue] * Look < LongestIdle + (2 * options.PollInterval) + options.VisibilityTimeout, isIdle ? "I9" : "I13", $"a message was ready for {idleLooks[queue] * Look} while a worker had a free slot");
        }

        if (!isStopping)
        {
            loop.After(Look, CheckIdle);
        }
    }

    // Asked at every step, so what is mostly false comes first.
    private bool IsDrained => loop.Now >= trialsUntil && !models.Exists(model => model.HasLive)
        && producers.TrueForAll(producer => producer.IsDone)
        && machines.TrueForAll(machine => machine is { IsLost: true } or { IsUp: true, Run: { InHand: 0, State.Fault: null, IsStateEmptied: true } });

    private void NoteLoss()
    {
        history.GoOnFrom(models);
        LossReports.Note(machines);
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
            history.Checker.Lost,
            trails.Count(trail => trail.IsCreated && !trail.IsAsked),
            trails.Sum(trail => Math.Max(0, trail.Successes - 1)),
            trails.Count(trail => trail.IsUnknown && trail.IsEnded),
            trails.Sum(trail => trail.Successes),
            TimeSpan.FromTicks(loop.Now - startedAt),
            loop.Occurred)
        {
            Faults = Simulation.Totals.FaultsOf(machines, history, network),
        };
    }

    private string Report(ViolationException violation)
    {
        var report = new StringBuilder();
        report.AppendLine($"Seed {setup.Seed} violates {violation.Message}");
        report.AppendLine($"Again: {setup}");
        report.AppendLine(options.ToString());
        foreach (var each in history.Last)
        {
            report.AppendLine(each.ToString());
        }

        return report.ToString();
    }
}
