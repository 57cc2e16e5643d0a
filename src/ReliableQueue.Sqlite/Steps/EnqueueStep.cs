using ReliableQueue.Broker;
using ReliableQueue.Storage;

namespace ReliableQueue.Sqlite;

/// <summary>Stores messages at the end of the line.</summary>
internal static class EnqueueStep
{
    public static EnqueueReply Run(WriteContext context, EnqueueRequest request)
    {
        var queue = context.FindOrCreateQueue(request.Queue);
        var call = CallTable.Judge(context.Connection, queue, request.Call);
        if (call.Standing == CallStanding.Applied)
        {
            context.File.DemandRoom(context.Connection, request.Messages);
            Store(context.Connection, queue, request.Messages);
            CallTable.Record(context, queue, request.Call, call.Regressed, []);
            context.Wake();
        }

        return new EnqueueReply(call.Answer(queue), []);
    }

    private static void Store(Connection connection, QueueRow queue, IReadOnlyList<NewMessage> messages)
    {
        var number = EnvelopeTable.NextNumber(connection);
        foreach (var message in messages)
        {
            if (MessageTable.Add(connection, queue, message.Id, number))
            {
                EnvelopeTable.Add(connection, number++, message.Id, message.Envelope.Span);
            }
        }
    }
}
