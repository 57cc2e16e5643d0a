using System.Diagnostics;

namespace ReliableQueue.FaultWorker;

/// <summary>What a handler can do to the process and the machine it runs on.</summary>
internal static class Harm
{
    private const int LargeObject = 8 * 1024 * 1024;

    private static readonly List<byte[]> kept = [];

    public static async Task DoAsync(WorkOrder message)
    {
        switch (message.Act)
        {
            case WorkOrderAct.OverflowTheStack:
                Descend(1);
                return;
            case WorkOrderAct.ExhaustTheMemory:
                // On a thread where nobody catches what it ends with: a handler that is thrown at may leave a process behind that neither works nor dies.
                new Thread(Exhaust).Start();
                await Task.Delay(Timeout.Infinite);
                return;
            case WorkOrderAct.ThrowAsyncVoid:
                ThrowAsyncVoid();
                await Task.Delay(Timeout.Infinite);
                return;
            case WorkOrderAct.HogTheHeap:
                await Task.WhenAll(OnThreads(1, message.Milliseconds, FillTheHeap));
                return;
            default:
                await Task.WhenAll(OnThreads(2 * Environment.ProcessorCount, message.Milliseconds, () => Thread.SpinWait(10_000)));
                return;
        }
    }

    private static int Descend(int depth) => depth + Descend(depth + 1);

    /// <summary>The limit is set here, so that the machine is spared; from then on nothing in this process can be allocated.</summary>
    private static void Exhaust()
    {
        AppContext.SetData("GCHeapHardLimit", (ulong)GC.GetTotalMemory(forceFullCollection: true) + (64UL * 1024 * 1024));
        GC.RefreshMemoryLimit();
        for (var size = 1024 * 1024; ; size = Math.Max(size / 2, 64))
        {
            try
            {
                while (true)
                {
                    kept.Add(new byte[size]);
                }
            }
            catch (OutOfMemoryException) when (size > 64)
            {
                // Smaller pieces still find a place.
            }
        }
    }

    private static async void ThrowAsyncVoid()
    {
        await Task.Yield();
        throw new InvalidOperationException("The handler was told to throw where nobody can catch it.");
    }

    /// <summary>Large objects, kept by turns so that every collection has something to do, and collections that stop all threads.</summary>
    private static void FillTheHeap()
    {
        for (var item = 0; item < 16; item++)
        {
            kept.Add(new byte[LargeObject]);
        }

        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
        kept.Clear();
    }

    private static List<Task> OnThreads(int count, int milliseconds, Action work) => [.. Enumerable.Range(0, count).Select(_ => Task.Factory.StartNew(
        () =>
        {
            for (var clock = Stopwatch.StartNew(); clock.ElapsedMilliseconds < milliseconds;)
            {
                work();
            }
        },
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default))];
}
