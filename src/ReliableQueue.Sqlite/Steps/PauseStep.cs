using ReliableQueue.Broker;

namespace ReliableQueue.Sqlite;

/// <summary>Stops giving out the messages of a queue, and starts again.</summary>
internal static class PauseStep
{
    public static bool Run(WriteContext context, PauseRequest request)
    {
        var until = request.For is { } time ? context.UtcNow + BrokerEnvironment.Microseconds(time) : QueueRow.WithoutEnd;
        context.FindOrCreateQueue(request.Queue).Pause(until);
        context.Wake(QueueHint.Control);
        return true;
    }

    public static bool Resume(WriteContext context, QueueName name)
    {
        if (context.FindQueue(name) is { PausedUntil: not 0 } queue)
        {
            queue.Pause(until: 0);
            context.Wake(QueueHint.Control);
        }

        return true;
    }
}
