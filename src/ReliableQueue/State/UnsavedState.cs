namespace ReliableQueue.State;

/// <summary>
/// The state of a worker that keeps no file, because its owner said so. While the process lives it knows the same as with a file; after its death nothing: what it held
/// waits for the end of its leases, a rejection or completion that the broker has not answered is delivered again, and whether the broker lost writes meanwhile is not noticed.
/// </summary>
internal static class UnsavedState
{
    /// <summary>What the options and texts name in place of a path.</summary>
    public const string Place = "none";

    public static IWorkerState Open(TimeProvider time)
    {
        var writer = new Writer();
        return writer.Journal = new Journal(Place, new StateMemory(StateRetention.Default), time, writer.WriteAll);
    }

    /// <summary>Calls every write done at once, on the thread of whoever made it.</summary>
    private sealed class Writer
    {
        public Journal? Journal { get; set; }

        public void WriteAll()
        {
            if (Journal is not { } journal)
            {
                return;
            }

            journal.Write(journal.Take(), _ => { });
            if (journal.IsClosed)
            {
                journal.End();
            }
        }
    }
}
