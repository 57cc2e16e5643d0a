using System.Diagnostics;
using ReliableQueue;

namespace Quickstart;

/// <summary>The worker's side of the signals. A line is in the pipe when the call returns, and stays there when the process is killed.</summary>
internal sealed class SignalWriter
{
    private readonly Lock gate = new();
    private long hostStarted;

    /// <summary>From now on <see cref="SignalWord.Entered"/> counts.</summary>
    public void HostStarts() => hostStarted = Stopwatch.GetTimestamp();

    public void Entered(MessageContext context) => Say(SignalWord.Entered, context.Id, Stopwatch.GetElapsedTime(hostStarted).TotalMilliseconds);

    public void Say(SignalWord word, MessageId? message = null, double number = 0)
    {
        lock (gate)
        {
            Console.Out.WriteLine(new Signal(word, message?.ToString() ?? "", number));
        }
    }
}
