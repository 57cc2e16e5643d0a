using System.Numerics;
using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;

namespace ReliableQueue.Producing;

/// <summary>
/// Sends what waits in the outbox of one queue. Each lane sends a call, and the next one only when the broker has answered. A call that may have been applied is repeated as it is, same stamp and same
/// bytes, before anything else; one that certainly was not goes back into the outbox, and its number is used again.
/// </summary>
internal sealed class Sender(
    QueueName queue, IQueueBroker broker, TimeSpan timeout, Surroundings surroundings, ProducerLosses losses, CancellationToken closed)
{
    // The broker forgets a lane unseen for a day; a call repeated on a forgotten lane would be stored twice.
    private static readonly TimeSpan LongestRest = TimeSpan.FromHours(12);

    private readonly TimeProvider time = surroundings.Time;
    private readonly Outbox outbox = new((long)(timeout.TotalSeconds * surroundings.Time.TimestampFrequency));
    private readonly SenderLanes lanes = new(surroundings);
    private readonly LossSigns signs = new();
    private readonly Lock sweeping = new();
    private ITimer? sweep;

    public QueueName Queue => queue;

    /// <summary>How long a caller waits at most.</summary>
    public TimeSpan Timeout => timeout;

    public QueueSignals Signals { get; } = new(queue, surroundings);

    /// <summary>Sends one message, in a group it shares with others.</summary>
    public (EnqueueGroup Group, int Position) Add(NewMessage message)
    {
        ObjectDisposedException.ThrowIf(closed.IsCancellationRequested, typeof(IQueueClient));
        var added = outbox.Add(message, time.GetTimestamp());
        Arrange(added.SweepAt);
        Start(added.Lane);
        return (added.Group, added.Position);
    }

    /// <summary>Sends the groups of one call of the user.</summary>
    public void Add(IReadOnlyList<EnqueueGroup> groups)
    {
        ObjectDisposedException.ThrowIf(closed.IsCancellationRequested, typeof(IQueueClient));
        Arrange(outbox.Add(groups, time.GetTimestamp()));
        for (var started = 0; started < groups.Count && outbox.ClaimLane() is { } lane; started++)
        {
            Start(lane);
        }
    }

    /// <summary>Takes a message back; false when it is on its way and may be enqueued all the same.</summary>
    public bool Withdraw(EnqueueGroup group, int position) => outbox.Withdraw(group, position);

    /// <summary>Answers everybody who still waits and lets the lanes end. The token has fired before.</summary>
    public async Task CloseAsync()
    {
        outbox.Close();
        outbox.GiveUp();
        lock (sweeping)
        {
            sweep?.Dispose();
        }

        await Task.WhenAll(lanes.Running).ConfigureAwait(false);
    }

    /// <summary>
    /// Sets a lane to work, on the pool: the caller goes on, and what it enqueues meanwhile goes along. The flow of the caller's context ends here, because a call
    /// carries messages of many callers.
    /// </summary>
    private void Start(int? claimed)
    {
        if (claimed is not { } index)
        {
            return;
        }

        var lane = lanes[index];
        if (ExecutionContext.IsFlowSuppressed())
        {
            lane.Running = Task.Run(() => RunAsync(lane), CancellationToken.None);
            return;
        }

        using (ExecutionContext.SuppressFlow())
        {
            lane.Running = Task.Run(() => RunAsync(lane), CancellationToken.None);
        }
    }

    private async Task RunAsync(SenderLane lane)
    {
        while (Take(lane) is { } call)
        {
            if (time.GetElapsedTime(lane.LastUsed) > LongestRest)
            {
                lanes.Renew(lane);
            }

            var sent = await SendAsync(lane, call).ConfigureAwait(false);
            lane.LastUsed = time.GetTimestamp();
            if (sent.End is { } end)
            {
                outbox.End(lane.Index, call, end);
                continue;
            }

            outbox.PutBack(lane.Index, call, sent.Error);
            await TryWaitAsync(lane, sent.Error).ConfigureAwait(false);
        }
    }

    private EnqueueCall? Take(SenderLane lane)
    {
        if (closed.IsCancellationRequested)
        {
            // What is not sent by now never is.
            outbox.Close();
        }

        return outbox.Take(lane.Index);
    }

    /// <summary>Makes a call until it is known what became of it, or nobody waits for that any more.</summary>
    private async Task<Sent> SendAsync(SenderLane lane, EnqueueCall call)
    {
        var request = new EnqueueRequest(queue, lane.Calls.Stamp, call.Messages);
        var mayBeApplied = false;
        while (true)
        {
            var (reply, error) = await AttemptAsync(request).ConfigureAwait(false);
            if (reply is not null)
            {
                return Hear(lane, reply, mayBeApplied);
            }

            mayBeApplied |= error is null or { Fault: BrokerFault.Unknown };
            if (error?.Fault == BrokerFault.Refused)
            {
                Signals.EnqueueRefused(error);
                return GiveUp(lane, mayBeApplied ? EnqueueVerdict.Unknown : EnqueueVerdict.Refused, error);
            }

            if (!mayBeApplied)
            {
                return new Sent(null, error);
            }

            if (error is null || !await TryWaitAsync(lane, error).ConfigureAwait(false))
            {
                return GiveUp(lane, EnqueueVerdict.Unknown, error);
            }

            if (call.IsGivenUp)
            {
                Signals.EnqueueOutcomeUnknown(call.Messages.Count);
                return GiveUp(lane, EnqueueVerdict.Unknown, error);
            }
        }
    }

    /// <summary>One attempt. Neither reply nor error: the client was disposed while the call was on its way.</summary>
    private async Task<(EnqueueReply? Reply, BrokerException? Error)> AttemptAsync(EnqueueRequest request)
    {
        var started = Signals.MeasuresOperations ? time.GetTimestamp() : 0;
        BrokerException? error = null;
        try
        {
            var reply = await broker.EnqueueAsync(request, closed).ConfigureAwait(false);
            return reply.Results.Count == 0 || reply.Results.Count == request.Messages.Count
                ? (reply, null)
                : throw new InvalidOperationException($"{reply.Results.Count} results for {request.Messages.Count} messages.");
        }
        catch (BrokerException exception)
        {
            error = exception;
        }
        catch (OperationCanceledException) when (closed.IsCancellationRequested)
        {
            return (null, null);
        }
        catch (Exception exception)
        {
            // The port allows nothing else, but a stranger's broker may have a bug, and a lane that died of it would hold its queue until the process ends.
            Signals.EnqueueBrokerBroken(exception);
            error = new BrokerException(BrokerFault.Unknown, $"The broker threw {exception.GetType().Name} from an enqueue call on queue '{queue}'.", exception);
        }
        finally
        {
            if (started != 0)
            {
                Signals.EnqueueCallEnded(time.GetElapsedTime(started), error is null ? null : EnqueueOutcome.ErrorTypeOf(error.Fault));
            }
        }

        return (null, error);
    }

    private Sent Hear(SenderLane lane, EnqueueReply reply, bool mayBeApplied)
    {
        if (signs.In(reply.Answer) is { } sign)
        {
            Signals.EnqueueStateRegressed(sign);
            losses.Note(queue, sign);
        }

        if (reply.Answer.Standing is CallStanding.Applied or CallStanding.Repeated)
        {
            Signals.EnqueueAnswered(lane.Failures);
            lane.Failures = 0;
            lane.Calls.Answered();
            return new Sent(new(EnqueueVerdict.Enqueued) { Results = reply.Results }, null);
        }

        // Another client on our lane, or a broker that mixed lanes up. Nothing was done now; the lane cannot be trusted any more.
        Signals.EnqueueLaneOutOfOrder(reply.Answer.Standing);
        var error = new BrokerException(BrokerFault.NotApplied, $"The broker answered {reply.Answer.Standing} to an enqueue call on queue '{queue}'.");
        lanes.Renew(lane);
        return mayBeApplied ? new Sent(new(EnqueueVerdict.Unknown, error), error) : new Sent(null, error);
    }

    /// <summary>
    /// Ends a call without an answer. If an attempt may have been applied, its number is used up as far as we know: another call under it would be taken for the
    /// same one and dropped, so the lane is left for a new one.
    /// </summary>
    private Sent GiveUp(SenderLane lane, EnqueueVerdict verdict, BrokerException? error)
    {
        if (verdict == EnqueueVerdict.Unknown)
        {
            lanes.Renew(lane);
        }

        return new Sent(new(verdict, error), error);
    }

    /// <summary>Waits before another attempt. False: the client was disposed meanwhile.</summary>
    private async Task<bool> TryWaitAsync(SenderLane lane, BrokerException? error)
    {
        lane.Failures++;
        var pause = RetryPause.After(lane.Failures, surroundings.Random);
        if (error is not null)
        {
            outbox.Note(error);
            if (BitOperations.IsPow2(lane.Failures))
            {
                Signals.EnqueueFailed(error.Fault, lane.Failures, pause, error);
            }
        }

        try
        {
            await Task.Delay(pause, time, closed).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void Arrange(long? moment)
    {
        if (moment is not { } due)
        {
            return;
        }

        var left = time.GetElapsedTime(time.GetTimestamp(), due);
        lock (sweeping)
        {
            sweep ??= time.CreateTimer(static sender => ((Sender?)sender)?.Sweep(), this, System.Threading.Timeout.InfiniteTimeSpan, System.Threading.Timeout.InfiniteTimeSpan);
            sweep.Change(left > TimeSpan.Zero ? left : TimeSpan.Zero, System.Threading.Timeout.InfiniteTimeSpan);
        }
    }

    private void Sweep() => Arrange(outbox.Sweep(time.GetTimestamp()));

    /// <summary>What became of a call: how it ended; null: it was certainly not applied, and goes back into the outbox.</summary>
    private readonly record struct Sent(EnqueueOutcome? End, BrokerException? Error);
}
