using ReliableQueue.Simulation.Checking;
using ReliableQueue.Simulation.Queue;
using ReliableQueue.Simulation.World;

namespace ReliableQueue.Simulation.Workers;

/// <summary>Where one worker lives: its disk and its clocks outlast its runs. When a run ends, however it does, a supervisor starts the next one.</summary>
internal sealed class Machine(
    int worker, EventLoop loop, Network network, IReadOnlyList<SimulatedRules> models, History history, IReadOnlyList<MessagePlan> plans, Chance chance, SimulationOptions options, PlantedBug bug)
{
    private readonly int drift = chance.Between(-options.DriftPartsPerMillion, options.DriftPartsPerMillion);
    private readonly Disk disk = new();
    private long wallOffset;
    private bool isRestarting;

    public int Worker => worker;

    public WorkerRun? Run { get; private set; }

    public bool HasLivingRun => Run is { Process.IsAlive: true };

    /// <summary>Burnt down, with its disk: what its worker held comes back by the broker's clock alone.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Whether its worker is up and nobody is about to change that.</summary>
    public bool IsUp => Run is { Process: { IsAlive: true, IsPaused: false, Turns.Stalls: 0 }, IsBegun: true, IsStopped: false } && !isRestarting;

    /// <summary>The queues of which a run was told that the broker had lost writes, and died before it told anybody: the next run must.</summary>
    public HashSet<int> OwedReports { get; } = [];

    /// <summary>Whether something ran off the one thread of the simulation.</summary>
    public bool Escaped { get; private set; }

    public int Kills { get; private set; }

    public int Pauses { get; private set; }

    public int Stalls { get; private set; }

    public int Stops { get; private set; }

    public void Start()
    {
        isRestarting = false;
        var process = new Process(loop, chance.Fork(), wallOffset, drift, options.Shuffles);
        process.OnDeath = () => Died(process);
        var numbers = new Dictionary<QueueName, int>();
        for (var queue = 0; queue < models.Count; queue++)
        {
            var number = numbers[WorkerRun.QueueNames[queue]] = history.NextRun();
            history.Add(What.Began, number, number: LineOf(worker, queue));
        }

        var state = new DiskState(process, disk, chance.Fork(), history, numbers, bug);
        Run = new WorkerRun(process, state, [.. numbers.Select((queue, index) => QueueRunOf(process, models[index], queue.Key, queue.Value, state))], bug);
    }

    /// <summary>A worker on one queue, as the history counts them: what it says of one queue has nothing to do with the other.</summary>
    public static int LineOf(int worker, int queue) => worker + (100 * queue);

    public Disk Disk => disk;

    /// <summary>Whether bits of its state file were flipped at some time.</summary>
    public bool HasDamage { get; private set; }

    public void DamageFile()
    {
        HasDamage = true;
        OwedReports.Clear();
        history.Add(What.Damaged, Run?.Queues[0].Number ?? 0);
        disk.Damage(chance);
    }

    public void Stall(TimeSpan time)
    {
        if (HasLivingRun)
        {
            Stalls++;
            foreach (var queue in Run?.Queues ?? [])
            {
                history.Add(What.Stalled, queue.Number, number: (int)time.TotalMilliseconds);
            }

            Run?.Process.Stall(time);
        }
    }

    /// <summary>kill -9, in the middle of something.</summary>
    public void Kill() => Run?.Process.Turns.DieAfter(chance.Between(0, 25));

    /// <summary>kill -9, in the instant in which a lease call is answered.</summary>
    public void KillAtAnswer()
    {
        if (Run is { } run)
        {
            run.Queues[chance.Between(0, run.Queues.Count - 1)].Link.DiesAtAnswer = true;
        }
    }

    /// <summary>There is room again, and no death that was in store comes any more.</summary>
    public void Heal()
    {
        disk.IsFull = false;
        Run?.Process.Turns.LiveOn();
        foreach (var queue in Run?.Queues ?? [])
        {
            queue.Link.DiesAtAnswer = false;
        }
    }

    public void LosePower()
    {
        // First the disk: the next run may begin in the very step in which the process dies.
        disk.LosePower();
        if (HasLivingRun)
        {
            history.Add(What.PowerLost, Run?.Queues[0].Number ?? 0);
            Run?.Process.Kill();
        }
    }

    public void Pause(TimeSpan time)
    {
        if (HasLivingRun)
        {
            Pauses++;
            history.Add(What.Paused, Run?.Queues[0].Number ?? 0, number: (int)time.TotalMilliseconds);
            Run?.Process.Pause(time);
        }
    }

    /// <summary>A rolling deployment: the run is stopped in good order, and another follows.</summary>
    public void Redeploy()
    {
        if (Run is { IsBegun: true, Process.IsAlive: true } run && !isRestarting)
        {
            isRestarting = true;
            Stops++;
            run.Stop();
            AwaitStop(run);
        }
    }

    public void JumpWall(TimeSpan by)
    {
        wallOffset += by.Ticks;
        history.Add(What.WallJumped, number: (int)by.TotalSeconds);
        if (Run is { } run)
        {
            run.Process.Clock.WallOffset = wallOffset;
        }
    }

    public void FillDisk(TimeSpan time)
    {
        disk.IsFull = true;
        history.Add(What.DiskFull, Run?.Queues[0].Number ?? 0);
        loop.After(time, () => disk.IsFull = false);
    }

    private void AwaitStop(WorkerRun run) => loop.After(TimeSpan.FromMilliseconds(200), () =>
    {
        if (!run.Process.IsAlive)
        {
            // Killed while it drained: its successor is on its way, and nobody has asked that one to stop.
            return;
        }

        if (!run.IsStopped)
        {
            AwaitStop(run);
            return;
        }

        // The process may have more to do than this queue, and a handler that ignores its token goes on until it ends.
        run.Process.OnDeath = () =>
        {
            Escaped |= run.Process.Turns.Escaped;
            ForgiveReported(run.Queues);
            run.Dispose();
            Start();
        };
        loop.After(chance.Hit(0.5) ? TimeSpan.Zero : chance.Milliseconds(0, 8_000), run.Process.Kill);
    });

    private QueueRun QueueRunOf(Process process, SimulatedRules model, QueueName queue, int number, DiskState state)
    {
        var link = new BrokerLink(loop, network, model, history, process, worker, number, bug, options);
        return new QueueRun(number, queue, process, link, state, new Handlers(process, chance.Fork(), history, number, plans, bug, options), chance.Fork(), history, options);
    }

    private void Died(Process process)
    {
        Kills++;
        Escaped |= process.Turns.Escaped;
        Run?.Dispose();
        var queues = Run?.Queues ?? [];
        for (var index = 0; index < queues.Count; index++)
        {
            history.Add(What.Killed, queues[index].Number);

            // Without its row nobody asks the broker about the session.
            if (queues[index].Link.OwesReport && !HasDamage)
            {
                OwedReports.Add(index);
            }
        }

        ForgiveReported(queues);

        isRestarting = true;
        IsLost = worker > 1 && !network.IsHealed && chance.Hit(options.LostMachines);
        if (IsLost)
        {
            return;
        }

        loop.After(network.IsHealed || chance.Hit(0.7) ? chance.Milliseconds(50, 3_000) : chance.Milliseconds(3_000, 30_000), Start);
    }

    private void ForgiveReported(IReadOnlyList<QueueRun> queues) => OwedReports.RemoveWhere(index => queues[index].HasReportedLoss);
}
