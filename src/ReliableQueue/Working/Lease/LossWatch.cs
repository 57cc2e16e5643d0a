using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;
using ReliableQueue.Producing;
using ReliableQueue.State;

namespace ReliableQueue.Working.Lease;

/// <summary>Notices that the broker lost writes it had acknowledged: another epoch than the one noted, or a lane's number gone back. Never silent.</summary>
internal sealed class LossWatch(QueueMemory memory, TimeProvider time, QueueSignals signals)
{
    // Brokers keep a lane for a day after its last call. A little less, for the time from the call to its note.
    private static readonly TimeSpan LanesAreKept = TimeSpan.FromHours(23);

    private readonly LossSigns signs = new();
    private long lastSeenAt;

    /// <summary>When a loss was last seen; null when none was since the worker started.</summary>
    public DateTimeOffset? LastSeen => Interlocked.Read(ref lastSeenAt) is not 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    public async Task ObserveAsync(CallAnswer answer)
    {
        var noted = memory.Epoch;
        if (signs.In(answer, noted) is { } sign)
        {
            Report(sign);
        }

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
            // The pump sees that the file fails and leases nothing; until the file can be written, only this run knows the epoch. The next answer tries again.
            signals.EpochNotNoted(exception);
        }
    }

    /// <summary>Compares what an earlier run noted with what the broker remembers of it.</summary>
    public void Compare(EarlierSession earlier, ReturnReply reply)
    {
        if (reply.StateRegressed)
        {
            // The previous run was told of the loss but may have died before logging it. Log it again: a duplicate is better than silence.
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
        signals.BrokerStateRegressed(evidence);
    }
}
