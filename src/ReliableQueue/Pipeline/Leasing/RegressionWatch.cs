using Microsoft.Extensions.Logging;
using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;
using ReliableQueue.State;

namespace ReliableQueue.Pipeline.Leasing;

/// <summary>Notices that the broker lost writes it had acknowledged: another epoch than the one noted, or a lane's number gone back. Never silent.</summary>
internal sealed class RegressionWatch(StateScope scope, IWorkerState state, TimeProvider time, ILogger logger)
{
    private long lastSeenAt;
    private long? epoch;

    /// <summary>When a loss was last seen; null when none was since the worker started.</summary>
    public DateTimeOffset? LastSeen => Interlocked.Read(ref lastSeenAt) is not 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    public async Task ObserveAsync(CallAnswer answer)
    {
        if (answer.StateRegressed)
        {
            Report("the number of an answered call went back");
        }

        var known = epoch ?? state.EpochOf(scope);
        epoch = answer.Epoch;
        if (known == answer.Epoch)
        {
            return;
        }

        if (known is not null)
        {
            Report("the queue's state was begun anew");
        }

        try
        {
            await state.NoteEpochAsync(scope, answer.Epoch);
        }
        catch (StateFileException exception)
        {
            // The pump sees the fault and leases nothing; until the file can be written, only this run knows the epoch.
            QueueLog.EpochNotNoted(logger, scope.Queue.Value, exception);
        }
    }

    public void Report(string evidence)
    {
        Interlocked.Exchange(ref lastSeenAt, time.GetUtcNow().Ticks);
        QueueLog.BrokerStateRegressed(logger, scope.Queue.Value, evidence);
    }
}
