using System.Numerics;
using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;

namespace ReliableQueue.Producing;

/// <summary>
/// One lane of a line: sends a call, and the next one only when the broker has answered. A call that may have been applied is repeated as it is, same stamp and same
/// bytes, before anything else; one that certainly was not goes back into the line, and its number is used again.
/// </summary>
internal sealed class EnqueueLane(EnqueueLine line, LaneSource source, EpochWatch watch, EnqueueContext context)
{
    // The broker forgets a lane unseen for a day; a call repeated on a forgotten lane would be stored twice.
    private static readonly TimeSpan LongestRest = TimeSpan.FromHours(12);

    private static readonly EnqueueReply NoReply = new(default, []);

    private CallLane lane = source.Next();
    private long lastUsed = context.Time.GetTimestamp();
    private int failures;

    /// <summary>Whether the lane works or is about to. Guarded by the lock of the line.</summary>
    public bool IsBusy { get; set; }

    /// <summary>The call on its way. Guarded by the lock of the line.</summary>
    public EnqueueCall? InFlight { get; set; }

    /// <summary>Ends when the lane has nothing to do.</summary>
    public Task Running { get; private set; } = Task.CompletedTask;

    /// <summary>
    /// Sets the lane to work, on the pool: the caller goes on, and what it enqueues meanwhile goes along. The flow of the caller's context ends here, because a call
    /// carries messages of many callers.
    /// </summary>
    public void Start()
    {
        if (ExecutionContext.IsFlowSuppressed())
        {
            Running = Task.Run(RunAsync);
            return;
        }

        using (ExecutionContext.SuppressFlow())
        {
            Running = Task.Run(RunAsync);
        }
    }

    private async Task RunAsync()
    {
        while (line.Take(this) is { } call)
        {
            if (context.Time.GetElapsedTime(lastUsed) > LongestRest)
            {
                lane = source.Next();
            }

            try
            {
                await SendAsync(call).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (context.Closed.IsCancellationRequested)
            {
                line.End(this, call, new(EnqueueVerdict.Unknown), []);
            }

            lastUsed = context.Time.GetTimestamp();
        }
    }

    /// <summary>Makes the call until it is answered, refused, taken back or given up.</summary>
    private async Task SendAsync(EnqueueCall call)
    {
        var request = new EnqueueRequest(line.Queue, lane.Stamp, call.Messages);
        while (true)
        {
            var (reply, fault) = await AttemptAsync(request).ConfigureAwait(false);
            if (fault is null)
            {
                await HearAsync(call, reply).ConfigureAwait(false);
                return;
            }

            call.MayBeApplied |= fault.Fault == BrokerFault.Unknown;
            if (fault.Fault == BrokerFault.Refused)
            {
                QueueLog.EnqueueRefused(context.Logger, line.Queue.Value, fault);
                GiveUp(call, new(call.MayBeApplied ? EnqueueVerdict.Unknown : EnqueueVerdict.Refused, fault));
                return;
            }

            if (!call.MayBeApplied)
            {
                line.TakeBack(this, call, fault);
                await WaitAsync(fault).ConfigureAwait(false);
                return;
            }

            line.Note(fault);
            await WaitAsync(fault).ConfigureAwait(false);
            if (call.IsGivenUp)
            {
                QueueLog.EnqueueOutcomeUnknown(context.Logger, line.Queue.Value, call.Messages.Count);
                GiveUp(call, new(EnqueueVerdict.Unknown, fault));
                return;
            }
        }
    }

    private async Task<(EnqueueReply Reply, BrokerException? Fault)> AttemptAsync(EnqueueRequest request)
    {
        var started = context.Meter.MeasuresOperations ? context.Time.GetTimestamp() : 0;
        BrokerException? fault = null;
        try
        {
            var reply = await context.Broker.EnqueueAsync(request, context.Closed).ConfigureAwait(false);
            return reply.Results.Count == 0 || reply.Results.Count == request.Messages.Count
                ? (reply, null)
                : throw new InvalidOperationException($"{reply.Results.Count} results for {request.Messages.Count} messages.");
        }
        catch (BrokerException exception)
        {
            fault = exception;
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !context.Closed.IsCancellationRequested)
        {
            // The port allows nothing else, but a stranger's broker may have a bug, and a lane that died of it would hold its queue for ever.
            QueueLog.EnqueueBrokerBroken(context.Logger, line.Queue.Value, exception);
            fault = new BrokerException(BrokerFault.Unknown, $"The broker threw {exception.GetType().Name} from an enqueue call on queue '{line.Queue}'.", exception);
        }
        finally
        {
            if (started != 0)
            {
                context.Meter.MeasureOperation(
                    TelemetryNames.Operation.Enqueue, line.Queue.Value, context.Time.GetElapsedTime(started), fault is null ? null : EnqueueFailure.ErrorOf(fault.Fault));
            }
        }

        return (NoReply, fault);
    }

    private async Task HearAsync(EnqueueCall call, EnqueueReply reply)
    {
        var answer = reply.Answer;
        watch.See(answer);
        if (answer.Standing is CallStanding.Applied or CallStanding.Repeated)
        {
            if (failures > 0)
            {
                QueueLog.EnqueueRecovered(context.Logger, line.Queue.Value, failures);
                failures = 0;
            }

            lane.Answered();
            line.End(this, call, new(EnqueueVerdict.Enqueued), reply.Results);
            return;
        }

        // Another client on our lane, or a broker that mixed lanes up. Nothing was done now; the lane cannot be trusted any more.
        QueueLog.EnqueueLaneOutOfOrder(context.Logger, line.Queue.Value, answer.Standing.ToString());
        var fault = new BrokerException(BrokerFault.NotApplied, $"The broker answered {answer.Standing} to an enqueue call on queue '{line.Queue}'.");
        lane = source.Next();
        if (call.MayBeApplied)
        {
            line.End(this, call, new(EnqueueVerdict.Unknown, fault), []);
            return;
        }

        line.TakeBack(this, call, fault);
        await WaitAsync(fault).ConfigureAwait(false);
    }

    /// <summary>
    /// Ends a call without an answer. If an attempt may have been applied, its number is used up as far as we know: another call under it would be taken for the
    /// same one and dropped, so the lane is left for a new one.
    /// </summary>
    private void GiveUp(EnqueueCall call, EnqueueOutcome how)
    {
        if (call.MayBeApplied)
        {
            lane = source.Next();
        }

        line.End(this, call, how, []);
    }

    private async Task WaitAsync(BrokerException fault)
    {
        failures++;
        var delay = RetryPause.After(failures, context.Random);
        if (BitOperations.IsPow2(failures))
        {
            QueueLog.EnqueueFailed(context.Logger, line.Queue.Value, fault.Fault.ToString(), failures, delay, fault);
        }

        await Task.Delay(delay, context.Time, context.Closed).ConfigureAwait(false);
    }
}
