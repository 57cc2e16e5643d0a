using System.Diagnostics;

namespace ReliableQueue.FaultWorker;

/// <summary>Counts the steps a message takes through this process, and kills the process at the one the test has chosen.</summary>
/// <remarks>Option <c>KillAt</c>: at this step, from 1. Option <c>KillFrom</c>: counting begins at the first step of this name; without it, at the start. What it says before it dies tells the test where that was. SIGKILL: nothing is tidied up, flushed or told to anybody.</remarks>
internal sealed class Steps(EffectLog effects, int killAt, string? killFrom)
{
    private int taken;

    public void Take(string step, MessageId message = default)
    {
        if ((taken == 0 && killFrom is not null && killFrom != step) || Interlocked.Increment(ref taken) != killAt)
        {
            return;
        }

        effects.Tell($"{Killed.Word} {message} {step}");
        Process.GetCurrentProcess().Kill();
        Thread.Sleep(Timeout.Infinite);
    }
}
