using Microsoft.Extensions.Logging;
using ReliableQueue.Diagnostics;

namespace ReliableQueue.Working.Lease;

/// <summary>
/// The thread that steps the keeper. A thread of its own, because timers and tasks stand still while user code blocks the pool, and that is how leases are lost under
/// load (measured: with the pool blocked for 4 s, a 200 ms timer fired 10 times instead of 47).
/// </summary>
internal sealed class LeaseKeeperThread : IDisposable
{
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(2);

    private readonly LeaseKeeper keeper;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly ManualResetEventSlim stop = new();
    private readonly Thread thread;

    public LeaseKeeperThread(LeaseKeeper keeper, TimeProvider time, ILogger logger)
    {
        this.keeper = keeper;
        this.time = time;
        this.logger = logger;
        thread = new Thread(Run) { IsBackground = true, Name = "ReliableQueue leases", Priority = ThreadPriority.AboveNormal };
    }

    public void Start() => thread.Start();

    public void Dispose()
    {
        stop.Set();
        if (thread.ThreadState.HasFlag(ThreadState.Unstarted) || thread.Join(TimeSpan.FromSeconds(10)))
        {
            stop.Dispose();
        }
    }

    private void Run()
    {
        var pause = TimeSpan.Zero;
        do
        {
            var before = time.GetTimestamp();
            try
            {
                pause = keeper.Step();
            }
            catch (Exception exception)
            {
                // A fault here is a bug; without this thread every lease of the worker would be lost, so it goes on.
                QueueLog.KeeperFailed(logger, exception);
                pause = TimeSpan.FromMilliseconds(250);
            }

            var elapsed = time.GetElapsedTime(before);
            if (elapsed > Stall)
            {
                QueueLog.KeeperStalled(logger, elapsed);
            }
        }
        while (!stop.Wait(pause));
    }
}
