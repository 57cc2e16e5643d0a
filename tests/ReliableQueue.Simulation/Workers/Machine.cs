using ReliableQueue.Simulation.Checking;
using ReliableQueue.Simulation.Queue;
using ReliableQueue.Simulation.World;

namespace ReliableQueue.Simulation.Workers;

/// <summary>Where one worker lives: its disk and its clocks outlast its runs. When a run ends, however it does, a supervisor starts the next one.</summary>
internal sealed class Machine(
    int worker, EventLoop loop, Network network, QueueModel model, History history, IReadOnlyList<MessagePlan> plans, Chance chance, SimulationOptions options, PlantedBug bug)
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
    public bool IsUp => Run is { Process: { IsAlive: true, IsPaused: false }, IsBegun: true, IsStopped: false } && !isRestarting;

    /// <summary>Whether something ran off the one thread of the simulation.</summary>
    public bool Escaped { get; private set; }

    public int Kills { get; private set; }

    public int Pauses { get; private set; }

    public void Start()
    {
        isRestarting = false;
        var process = new Process(loop, chance.Fork(), wallOffset, drift, options.Shuffles);
        var number = history.NextRun();
        process.OnDeath = () => Died(process, number);
        history.Add(What.Began, number, number: worker);
        var link = new BrokerLink(loop, network, model, history, process, worker, number, bug, options);
        var state = new DiskState(process, disk, chance.Fork(), history, number, bug);
        var handlers = new Handlers(process, chance.Fork(), history, number, plans, bug, options);
        Run = new WorkerRun(number, process, link, state, handlers, chance.Fork(), history, options);
    }

    /// <summary>kill -9, in the middle of something.</summary>
    public void Kill() => Run?.Process.Turns.DieAfter(chance.Between(0, 25));

    /// <summary>There is room again, and no death that was in store comes any more.</summary>
    public void Heal()
    {
        disk.IsFull = false;
        Run?.Process.Turns.LiveOn();
    }

    public void LosePower()
    {
        if (HasLivingRun)
        {
            history.Add(What.PowerLost, Run?.Number ?? 0);
            Run?.Process.Kill();
        }

        disk.LosePower();
    }

    public void Pause(TimeSpan time)
    {
        if (HasLivingRun)
        {
            Pauses++;
            history.Add(What.Paused, Run?.Number ?? 0, number: (int)time.TotalMilliseconds);
            Run?.Process.Pause(time);
        }
    }

    /// <summary>A rolling deployment: the run is stopped in good order, and another follows.</summary>
    public void Redeploy()
    {
        if (Run is { IsBegun: true, Process.IsAlive: true } run && !isRestarting)
        {
            isRestarting = true;
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
        history.Add(What.DiskFull, Run?.Number ?? 0);
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
            run.Dispose();
            Start();
        };
        loop.After(chance.Hit(0.5) ? TimeSpan.Zero : chance.Milliseconds(0, 8_000), run.Process.Kill);
    });

    private void Died(Process process, int number)
    {
        Kills++;
        Escaped |= process.Turns.Escaped;
        Run?.Dispose();
        history.Add(What.Killed, number);
        isRestarting = true;
        IsLost = worker > 1 && !network.IsHealed && chance.Hit(options.LostMachines);
        if (IsLost)
        {
            return;
        }

        loop.After(network.IsHealed || chance.Hit(0.7) ? chance.Milliseconds(50, 3_000) : chance.Milliseconds(3_000, 30_000), Start);
    }
}
