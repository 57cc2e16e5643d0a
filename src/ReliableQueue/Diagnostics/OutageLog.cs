using Microsoft.Extensions.Logging;

namespace ReliableQueue.Diagnostics;

/// <summary>What an outage log says: one event each for the beginning, every minute of it, and the end.</summary>
/// <param name="Lost">The first failure.</param>
/// <param name="Lasts">How long it lasts, and how many calls failed.</param>
/// <param name="Over">How long it lasted, and how many calls had failed.</param>
internal sealed record OutageTexts(Action<Exception> Lost, Action<TimeSpan, int> Lasts, Action<TimeSpan, int> Over);

/// <summary>
/// Tells of an outage once for all queues that share what is out: when it begins, every minute while it lasts, and when it is over. One begun within a minute of the last is
/// not told before that minute ends, so that something that fails and works in turn is bounded too.
/// </summary>
internal sealed class OutageLog(TimeProvider time, OutageTexts texts)
{
    private static readonly TimeSpan Reminder = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private readonly HashSet<object> failing = [];
    private volatile bool isOut;
    private bool isTold;
    private long? toldAt;
    private long began;
    private int calls;

    /// <summary>The log of a broker's outages.</summary>
    /// <param name="broker">The broker's name.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where events go.</param>
    public static OutageLog OfBroker(string broker, TimeProvider time, ILogger logger) => new(time, new OutageTexts(
        exception => QueueLog.BrokerLost(logger, broker, exception),
        (lasting, calls) => QueueLog.BrokerStillLost(logger, broker, lasting, calls),
        (lasted, calls) => QueueLog.BrokerBack(logger, broker, lasted, calls)));

    /// <summary>The log of a state file's failures.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where events go.</param>
    public static OutageLog OfStateFile(TimeProvider time, ILogger logger) => new(time, new OutageTexts(
        exception => QueueLog.StateFileFails(logger, exception),
        (lasting, calls) => QueueLog.StateFileStillFails(logger, lasting, calls),
        (lasted, calls) => QueueLog.StateFileWorks(logger, lasted, calls)));

    /// <summary>A call failed.</summary>
    /// <param name="exception">With what.</param>
    /// <param name="caller">Who tries until it succeeds, so that the outage lasts at least as long; null: who may give up.</param>
    public void Failed(Exception exception, object? caller = null)
    {
        lock (gate)
        {
            if (caller is not null)
            {
                failing.Add(caller);
            }

            if (!isOut)
            {
                (isOut, isTold, began, calls) = (true, false, time.GetTimestamp(), 0);
            }

            calls++;
            if (toldAt is { } told && time.GetElapsedTime(told) < Reminder)
            {
                return;
            }

            toldAt = time.GetTimestamp();
            if (isTold)
            {
                texts.Lasts(time.GetElapsedTime(began), calls);
                return;
            }

            isTold = true;
            texts.Lost(exception);
        }
    }

    /// <summary>A call was answered. The outage is over when all who try until they succeed were answered.</summary>
    /// <param name="caller">As in <see cref="Failed"/>.</param>
    public void Answered(object? caller = null)
    {
        if (!isOut)
        {
            return;
        }

        lock (gate)
        {
            if (caller is not null)
            {
                failing.Remove(caller);
            }

            if (!isOut || failing.Count > 0)
            {
                return;
            }

            isOut = false;
            if (isTold)
            {
                texts.Over(time.GetElapsedTime(began), calls);
            }
        }
    }

    /// <summary>Who tried will not try any more.</summary>
    public void Leave(object caller)
    {
        lock (gate)
        {
            failing.Remove(caller);
        }
    }
}
