using ReliableQueue.Testing;
using ReliableQueue.Simulation.Checking;
using ReliableQueue.Simulation.Queue;
using ReliableQueue.Simulation.World;

namespace ReliableQueue.Simulation.Workers;

/// <summary>Does the harm that the options allow, at times of chance, until the faults are over.</summary>
internal sealed class Nemesis(
    EventLoop loop, Chance chance, Network network, IReadOnlyList<SimulatedRules> models, IReadOnlyList<Machine> machines, History history, SimulationOptions options, Action onLoss)
{
    private long end;
    private IReadOnlyList<QueueContents> snapshots = [];

    public void Begin()
    {
        end = loop.Now + options.Faults.Ticks;
        Every(options.Crashes, () => Any().Kill());
        Every(options.PowerLosses, () => Any().LosePower());
        Every(options.ShortPauses, () => Any().Pause(options.VisibilityTimeout * chance.NextDouble() * 0.8));
        Every(options.LongPauses, () => Any().Pause(options.VisibilityTimeout * (1 + (2 * chance.NextDouble()))));
        Every(options.Stalls, () => Any().Stall(options.VisibilityTimeout * 3 * chance.NextDouble()));
        Every(options.DamagedFiles, () => Any().DamageFile());
        Every(options.Stops, () => Any().Redeploy());
        Every(options.WallJumps, () => Any().JumpWall(TimeSpan.FromSeconds(chance.Pick(-86_400, -3_600, -10, 10, 3_600, 86_400))));
        Every(options.DiskFaults, () => Any().FillDisk(chance.Milliseconds(500, 10_000)));
        Every(options.Partitions, () =>
        {
            var (worker, time) = (Any().Worker, chance.Milliseconds(500, 12_000));
            history.Add(What.CutOff, number: worker);
            network.Cut(worker, time);
        });
        Every(options.Outages, () =>
        {
            var time = chance.Milliseconds(500, 12_000);
            history.Add(What.Outage, number: (int)time.TotalMilliseconds);
            network.Break(time);
        });
        if (options.Rollbacks > TimeSpan.Zero)
        {
            Every(TimeSpan.FromSeconds(4), () => snapshots = [.. models.Select(model => model.Snapshot())]);
            Every(options.Rollbacks, RollBack);
        }
    }

    private Machine Any() => machines[chance.Between(0, machines.Count - 1)];

    private void Every(TimeSpan mean, Action harm)
    {
        if (mean == TimeSpan.Zero)
        {
            return;
        }

        loop.After(mean * (2 * chance.NextDouble()), () =>
        {
            if (loop.Now < end)
            {
                harm();
                Every(mean, harm);
            }
        });
    }

    private void RollBack()
    {
        var isFlush = snapshots.Count == 0 || chance.Hit(0.3);
        history.Add(isFlush ? What.Flushed : What.RolledBack);
        for (var index = 0; index < models.Count; index++)
        {
            if (isFlush)
            {
                models[index].Flush();
            }
            else
            {
                models[index].Restore(snapshots[index]);
            }
        }

        onLoss();
        if (options.Crashes > TimeSpan.Zero)
        {
            foreach (var machine in machines.Where(_ => chance.Hit(0.3)))
            {
                machine.KillAtAnswer();
            }
        }
    }
}
