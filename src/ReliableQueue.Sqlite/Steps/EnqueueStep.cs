using ReliableQueue.Broker;

namespace ReliableQueue.Sqlite;

/// <summary>Stores messages at the end of the line, or until they are due.</summary>
internal static class EnqueueStep
{
    public static EnqueueReply Run(WriteContext context, EnqueueRequest request)
    {
        var queue = context.FindOrCreateQueue(request.Queue);
        var call = CallTable.Judge(context.Connection, queue, request.Call);
        if (call.Standing == CallStanding.Applied)
        {
            context.File.DemandRoom(context.Connection, request.Messages);
            Store(context, queue, request.Messages);
            CallTable.Record(context, queue, request.Call, call.Regressed, []);
            context.Wake();
        }

        return new EnqueueReply(call.Answer(queue), []);
    }

    private static void Store(WriteContext context, QueueRow queue, IReadOnlyList<NewMessage> messages)
    {
        var connection = context.Connection;
        var number = EnvelopeTable.NextNumber(connection);
        foreach (var message in messages)
        {
            long? due = message.Terms is { Delay: { Ticks: > 0 } delay } ? context.UtcNow + BrokerEnvironment.Microseconds(delay) : null;
            if (MessageTable.Add(connection, queue, message.Id, number, due))
            {
                EnvelopeTable.Add(connection, number++, message.Id, message.Envelope.Span);
            }
        }
    }
}
