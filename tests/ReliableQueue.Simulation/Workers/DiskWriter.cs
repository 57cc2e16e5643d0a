using ReliableQueue.Simulation.World;
using ReliableQueue.State;

namespace ReliableQueue.Simulation.Workers;

/// <summary>The thread of a state file on virtual time: one commit at a time, what gathers meanwhile goes into the next, what no caller waits for waits a little.</summary>
internal sealed class DiskWriter(Process process, Disk disk, Chance chance, PlantedBug bug)
{
    private static readonly TimeSpan LateSync = TimeSpan.FromSeconds(5);

    private readonly HashSet<(StateTable Table, long Row)> left = [];
    private Occurrence? next;
    private bool isCommitting;

    /// <summary>Whose writes it writes. Set once, before anything is written.</summary>
    public Journal? Journal { get; set; }

    /// <summary>There is something to write, at once or in a while.</summary>
    public void Wake()
    {
        var within = Journal?.WriteWithin ?? Timeout.InfiniteTimeSpan;
        if (isCommitting || within == Timeout.InfiniteTimeSpan)
        {
            return;
        }

        if (within == TimeSpan.Zero)
        {
            next?.CallOff();
            next = null;
            Begin();
        }
        else
        {
            next ??= process.After(within, () =>
            {
                next = null;
                Begin();
            });
        }
    }

    private void Begin()
    {
        isCommitting = true;
        var batch = Journal?.Take() ?? [];
        process.After(chance.Milliseconds(0, 20), () =>
        {
            isCommitting = false;
            Journal?.Write(batch, Commit);
            Wake();
        });
    }

    private void Commit(IReadOnlyList<RowChange> rows)
    {
        if (bug == PlantedBug.FailedRowsLeftInTheFile)
        {
            // The mistake: nobody removes what a failed commit has left in the file all the same.
            rows = [.. rows.Where(row => row.Columns is not null || !left.Remove((row.Table, row.Row)))];
        }

        if (disk.IsFull)
        {
            if (chance.Hit(0.3))
            {
                // It was the sync that failed: what was written can be in the file all the same.
                disk.Write(rows);
            }

            left.UnionWith(rows.Where(row => row.IsNew).Select(row => (row.Table, row.Row)));
            throw new StateFileException("worker.db", "the disk is full");
        }

        disk.Write(rows);
        if (bug != PlantedBug.JournalNotSynced)
        {
            disk.Sync();
        }
        else
        {
            process.After(LateSync, disk.Sync);
        }
    }
}
