using ReliableQueue.Simulation.World;
using ReliableQueue.State;

namespace ReliableQueue.Simulation.Workers;

/// <summary>The state file's writer on virtual time: one commit at a time, what gathers meanwhile goes into the next, what nobody waits for waits a little.</summary>
internal sealed class DiskWriter(Process process, Disk disk, StateMemory memory, Chance chance, PlantedBug bug)
{
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CallPatience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LateSync = TimeSpan.FromSeconds(5);

    private readonly RoomNeeded room = new();
    private List<StateWrite> inbox = [];
    private Occurrence? next;
    private bool isCommitting;

    public string? Fault { get; private set; }

    public int RoomNeeded => room.Bytes;

    public Task WriteAsync(StateWrite write)
    {
        inbox.Add(write);
        Begin();
        return write.Task;
    }

    /// <summary>Something waits that nobody waits for.</summary>
    public void Nudge()
    {
        if (!isCommitting && next is null)
        {
            next = process.After(memory.HasUnwritten ? AnswerPatience : CallPatience, Begin);
        }
    }

    private void Begin()
    {
        next?.CallOff();
        next = null;
        if (!isCommitting)
        {
            isCommitting = true;
            var batch = inbox;
            inbox = [];
            process.After(chance.Milliseconds(0, 20), () => Commit(batch));
        }
    }

    private void Commit(List<StateWrite> batch)
    {
        isCommitting = false;
        var (unwritten, rows) = (memory.TakeUnwritten(process.Clock.GetUtcNow()), memory.LastRows());
        var prepared = batch.SelectMany(write => write.Prepare(memory)).ToList();
        if (disk.IsFull)
        {
            if (chance.Hit(0.3))
            {
                // It was the sync that failed: what was written can be in the file all the same.
                disk.Write([.. unwritten, .. prepared]);
            }

            memory.TakeBack(bug == PlantedBug.FailedRowsLeftInTheFile ? [] : prepared, rows);
            room.Failed(prepared);
            Fail(batch, unwritten);
        }
        else
        {
            disk.Write([.. unwritten, .. prepared]);
            Sync();
            batch.ForEach(write => write.Apply(memory));
            Fault = Fault is not null && room.IsShownBy(prepared) ? null : Fault;
            batch.ForEach(write => write.Complete());
        }

        if (inbox.Count > 0)
        {
            Begin();
        }
        else if (memory.HasUnwritten || memory.Sessions.HasNotedCalls)
        {
            Nudge();
        }
    }

    private void Fail(List<StateWrite> batch, IReadOnlyList<RowChange> unwritten)
    {
        memory.GiveBack(unwritten);
        Fault = "the disk is full";
        batch.ForEach(write => write.Fail(new StateFileException("worker.db", "the disk is full")));
    }

    private void Sync()
    {
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
