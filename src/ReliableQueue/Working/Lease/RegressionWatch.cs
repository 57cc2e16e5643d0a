using Microsoft.Extensions.Logging;
using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;
using ReliableQueue.State;

namespace ReliableQueue.Working.Lease;

/// <summary>Notices that the broker lost writes it had acknowledged: another epoch than the one noted, or a lane's number gone back. Never silent.</summary>
internal sealed class RegressionWatch(QueueMemory memory, TimeProvider time, ILogger logger)
{
    // Brokers keep a lane for a day after its last call. A little less, for the time from the call to its note.
    private static readonly TimeSpan LanesAreKept = TimeSpan.FromHours(23);

    private long lastSeenAt;
    private long? epoch;

    /// <summary>When a loss was last seen; null when none was since the worker started.</summary>
    public DateTimeOffset? LastSeen => Interlocked.Read(ref lastSeenAt) is not 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    public async Task ObserveAsync(CallAnswer answer)
    {
        // A queue begun anew has forgotten the numbers too: that is one loss, and one report.
        var noted = memory.Epoch;
        if ((epoch ?? noted) is { } known && known != answer.Epoch)
        {
            Report("the queue's state was begun anew");
        }
        else if (answer.StateRegressed)
        {
            Report("an answered call is forgotten, or a message is missing");
        }

        epoch = answer.Epoch;
        if (noted == answer.Epoch)
        {
            return;
        }

        try
        {
            await memory.NoteEpochAsync(answer.Epoch);
        }
        catch (StateFileException exception)
        {
            // The pump sees the fault and leases nothing; until the file can be written, only this run knows the epoch. The next answer tries again.
            QueueLog.EpochNotNoted(logger, memory.Queue.Value, exception);
        }
    }

    /// <summary>Compares what an earlier run noted with what the broker remembers of it.</summary>
    public void Compare(EarlierSession earlier, ReturnReply reply)
    {
        if (reply.StateRegressed)
        {
            // That run was told, and may have died before it could tell: its successor says it, rather twice than never.
            Report("an earlier session was told so, or a message it held is missing");
        }

        // Nothing at all, after a weekend: the lane was dropped as any that is not used, and no write is lost.
        var isForgotten = reply.LastCall == 0 && time.GetUtcNow() - earlier.SeenAt > LanesAreKept;
        if (reply.LastCall < earlier.LastCall && !isForgotten)
        {
            Report("an earlier session's answered call is not remembered");
        }
    }

    private void Report(string evidence)
    {
        Interlocked.Exchange(ref lastSeenAt, time.GetUtcNow().Ticks);
        QueueLog.BrokerStateRegressed(logger, memory.Queue.Value, evidence);
    }
}
