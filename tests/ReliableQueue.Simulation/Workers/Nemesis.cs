using ReliableQueue.Simulation.Checking;
using ReliableQueue.Simulation.Queue;
using ReliableQueue.Simulation.World;

namespace ReliableQueue.Simulation.Workers;

/// <summary>Does the harm that the options allow, at times of chance, until the faults are over.</summary>
internal sealed class Nemesis(
    EventLoop loop, Chance chance, Network network, QueueModel model, IReadOnlyList<Machine> machines, History history, SimulationOptions options, Action onLoss)
{
    private long end;
    private QueueContents? snapshot;

    public void Begin()
    {
        end = loop.Now + options.Faults.Ticks;
        Every(options.Crashes, () => Any().Kill());
        Every(options.PowerLosses, () => Any().LosePower());
        Every(options.ShortPauses, () => Any().Pause(options.VisibilityTimeout * chance.NextDouble() * 0.8));
        Every(options.LongPauses, () => Any().Pause(options.VisibilityTimeout * (1 + (2 * chance.NextDouble()))));
        Every(options.Stops, () => Any().Redeploy());
        Every(options.WallJumps, () => Any().JumpWall(TimeSpan.FromSeconds(chance.Pick(-86_400, -3_600, -10, 10, 3_600, 86_400))));
        Every(options.DiskFaults, () => Any().FillDisk(chance.Milliseconds(500, 10_000)));
        Every(options.Partitions, () => network.Cut(Any().Worker, chance.Milliseconds(500, 12_000)));
        Every(options.Outages, () =>
        {
            var time = chance.Milliseconds(500, 12_000);
            history.Add(What.Outage, number: (int)time.TotalMilliseconds);
            network.Break(time);
        });
        if (options.Rollbacks > TimeSpan.Zero)
        {
            Every(TimeSpan.FromSeconds(4), () => snapshot = model.Snapshot());
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
        if (snapshot is null || chance.Hit(0.3))
        {
            history.Add(What.Flushed);
            model.Flush();
        }
        else
        {
            history.Add(What.RolledBack);
            model.RollBack(snapshot);
        }

        onLoss();
    }
}
