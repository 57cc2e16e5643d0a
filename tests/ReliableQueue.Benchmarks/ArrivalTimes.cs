using System.Diagnostics;

namespace ReliableQueue.Benchmarks;

/// <summary>From the call of EnqueueAsync to the entry of the handler, for each message of a flow. Flows follow each other on one worker.</summary>
internal sealed class ArrivalTimes : IArrivals
{
    private volatile Flow flow = new(0);

    /// <summary>Begins a flow of so many messages; the one before must have ended.</summary>
    public Flow Begin(int messages) => flow = new Flow(messages);

    public void Entered(int number) => flow.Entered(number);

    internal sealed class Flow(int messages)
    {
        private readonly long[] sent = new long[messages];
        private readonly long[] entered = new long[messages];
        private readonly TaskCompletionSource complete = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int left = messages;

        /// <summary>Completes when every message was handled.</summary>
        public Task Complete => complete.Task;

        public Percentiles Times => new(sent.Zip(entered, (from, to) => Stopwatch.GetElapsedTime(from, to).TotalMicroseconds));

        /// <summary>When the last message came, as a timestamp.</summary>
        public long LastEntry => entered.Max();

        public void Sent(int number) => sent[number] = Stopwatch.GetTimestamp();

        public void Entered(int number)
        {
            entered[number] = Stopwatch.GetTimestamp();
            if (Interlocked.Decrement(ref left) == 0)
            {
                complete.TrySetResult();
            }
        }
    }
}
