using Microsoft.Extensions.Logging;
using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;
using ReliableQueue.State;

namespace ReliableQueue.Pipeline.Leasing;

/// <summary>Notices that the broker lost writes it had acknowledged: another epoch than the one noted, or a lane's number gone back. Never silent.</summary>
internal sealed class RegressionWatch(StateScope scope, IWorkerState state, TimeProvider time, ILogger logger)
{
    private long lastSeenAt;

    /// <summary>When a loss was last seen; null when none was since the worker started.</summary>
    public DateTimeOffset? LastSeen => Interlocked.Read(ref lastSeenAt) is not 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    public async Task ObserveAsync(CallAnswer answer)
    {
        if (answer.Epoch == state.EpochOf(scope) && !answer.StateRegressed)
        {
            return;
        }

        if (answer.StateRegressed)
        {
            Report("the number of an answered call went back");
        }

        if (state.EpochOf(scope) is { } known && known != answer.Epoch)
        {
            Report("the queue's state was begun anew");
        }

        if (state.EpochOf(scope) != answer.Epoch)
        {
            await state.NoteEpochAsync(scope, answer.Epoch);
        }
    }

    public void Report(string evidence)
    {
        Interlocked.Exchange(ref lastSeenAt, time.GetUtcNow().Ticks);
        QueueLog.BrokerStateRegressed(logger, scope.Queue.Value, evidence);
    }
}
