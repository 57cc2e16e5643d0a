using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;
using ReliableQueue.Producing;
using ReliableQueue.State;

namespace ReliableQueue.Working.Lease;

/// <summary>The broker does not answer: since when, as a timestamp of the clock, and what it last failed with.</summary>
internal sealed record Outage(long Since, BrokerException Error);

/// <summary>What a lease call brought, and when the attempt that was answered was sent: the leases are counted from there.</summary>
internal readonly record struct LeaseAnswer(LeaseReply Reply, long SentAt);

/// <summary>Makes one lease call after the other, each until it is answered. An unanswered call is repeated as it was, so that what it may have leased is not lost.</summary>
internal sealed class LeaseCalls(LeaseSettings settings, IQueueBroker broker, QueueMemory memory, QueueSignals signals, Surroundings surroundings)
{
    // Bounds one reply: 500 messages of the largest size would be 128 MiB.
    private const int MaxBytesPerCall = 4 * 1024 * 1024;

    private readonly TimeProvider time = surroundings.Time;

    /// <summary>The outage that lasts now; null while the broker answers.</summary>
    public Outage? Outage { get; private set; }

    /// <summary>Makes one call. Null: the worker stops and the call has certainly not been done, or is given up.</summary>
    /// <param name="lane">The lane of the session.</param>
    /// <param name="most">How many messages at most.</param>
    /// <param name="suspects">How many of them may be suspects.</param>
    /// <param name="stopping">Fires when the worker is to stop: a call that may have leased something is still repeated.</param>
    /// <param name="abandon">Fires at the end of a drain: give up even such a call; the session is returned at the next start.</param>
    public async Task<LeaseAnswer?> LeaseAsync(CallLane lane, int most, int suspects, CancellationToken stopping, CancellationToken abandon)
    {
        var request = new LeaseRequest(settings.Queue, lane.Stamp, most, settings.VisibilityTimeout, settings.MaxDeliveries)
        {
            MaxSuspects = suspects,
            MaxBytes = MaxBytesPerCall,
        };
        if (await RepeatAsync(request, stopping, abandon) is { } answer)
        {
            lane.Answered();
            if (answer.Reply is { Messages.Count: > 0 } or { Reclaimed: > 0 } or { DeadLettered: > 0 })
            {
                // The next run compares it with what the broker remembers. Of a call that did nothing, nothing can be lost.
                memory.NoteLastCall(lane.Session, lane.LastAnswered);
            }

            return answer;
        }

        return null;
    }

    private async Task<LeaseAnswer?> RepeatAsync(LeaseRequest request, CancellationToken stopping, CancellationToken abandon)
    {
        var mayBeDone = false;
        for (var failures = 1; !abandon.IsCancellationRequested && (mayBeDone || !stopping.IsCancellationRequested); failures++)
        {
            try
            {
                // A failure of the state file may be found while the call is being repeated. If it was done before, its number brings what it leased then, whatever is asked now.
                return await AskAsync(memory.Fault is null ? request : request with { MaxMessages = 0 }, abandon);
            }
            catch (OperationCanceledException) when (abandon.IsCancellationRequested)
            {
                return null;
            }
            catch (Exception exception)
            {
                // The port allows only the first; what a broker that breaks its contract throws says nothing about what it did.
                var error = exception as BrokerException ?? new BrokerException(BrokerFault.Unknown, exception.Message, exception);
                Outage = new Outage(Outage?.Since ?? time.GetTimestamp(), error);
                mayBeDone |= error.Fault == BrokerFault.Unknown;
                signals.LeaseFailed(error.Fault, failures, exception);
            }

            // Not woken by hints: a broker that fails while others enqueue must not be called in a tight loop.
            await time.PauseAsync(RetryPause.After(failures, surroundings.Random), mayBeDone && stopping.IsCancellationRequested ? abandon : stopping);
        }

        return null;
    }

    private async Task<LeaseAnswer> AskAsync(LeaseRequest request, CancellationToken abandon)
    {
        // Of the attempt that is answered: a repeated call makes its leases last from the repetition.
        var sentAt = time.GetTimestamp();
        var reply = await broker.LeaseAsync(request, abandon);
        signals.LeaseAnswered(time.GetElapsedTime(sentAt), reply.Reclaimed, reply.DeadLettered);
        Outage = null;
        if (memory.Fault is null)
        {
            signals.StateFileWorks();
        }

        return new LeaseAnswer(reply, sentAt);
    }
}
