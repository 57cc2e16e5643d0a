using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;
using ReliableQueue.Working.Handle;
using ReliableQueue.Working.Lease;
using ReliableQueue.Working.Settle;

namespace ReliableQueue.Working.Life;

/// <summary>What comes after the last lease: let handlers end, then cancel them, then take their messages from those that ignore it.</summary>
internal sealed class QueueDrain(InHand inHand, Settler settler, QueueSignals signals, TimeProvider time)
{
    private static readonly TimeSpan SettleTimeout = TimeSpan.FromSeconds(3);

    /// <summary>How long a drain may take in all.</summary>
    /// <param name="timeout">How long handlers may go on before they are cancelled.</param>
    public TimeSpan LongestAfter(TimeSpan timeout) => timeout + inHand.Settings.HandlerGrace + SettleTimeout;

    /// <summary>Ends when no delivery is held, or when all there is time for has been tried.</summary>
    /// <param name="timeout">How long handlers may go on before they are cancelled.</param>
    /// <param name="pumping">The pump, which has been told to stop. A lease call in flight may still bring messages.</param>
    /// <param name="abandon">Ends the waiting for the pump.</param>
    public async Task RunAsync(TimeSpan timeout, Task pumping, CancellationToken abandon)
    {
        var startedAt = time.GetTimestamp();
        await EmptyAsync(startedAt, timeout, pumping, abandon);
        if (inHand.Taken > 0)
        {
            signals.DrainOver(inHand.Taken);
            foreach (var delivery in inHand.All())
            {
                delivery.Hold.Cancel(CancellationReason.Shutdown);
            }

            await EmptyAsync(startedAt, timeout + inHand.Settings.HandlerGrace, pumping, abandon);
        }

        ReleaseRest();
        await EmptyAsync(time.GetTimestamp(), SettleTimeout, pumping, abandon);
    }

    /// <summary>Waits until no delivery is held, at most until so long after the drain began.</summary>
    private async Task EmptyAsync(long startedAt, TimeSpan longest, Task pumping, CancellationToken abandon)
    {
        if (!pumping.IsCompleted && longest - time.GetElapsedTime(startedAt) is var left && left > TimeSpan.Zero)
        {
            // What it still brings is released as it comes.
            await Task.WhenAny(pumping, time.PauseAsync(left, abandon));
        }

        // The pump waits for the same signal, which wakes one of two: it has ended by now, or there is no time left.
        await time.WaitAsync(inHand.Changed, () => inHand.Taken == 0 && pumping.IsCompleted, longest - time.GetElapsedTime(startedAt));
    }

    private void ReleaseRest()
    {
        foreach (var delivery in inHand.All())
        {
            // Its handler ignores its token. The message goes to another worker now: the handler may no longer believe in its lease, and what it still returns is not
            // settled.
            delivery.Hold.Lose();
            _ = settler.SettleAsync(delivery, new Settlement.Release(TimeSpan.Zero), HandlerOutcome.Interrupted.Instance);
        }
    }
}
