using ReliableQueue.Broker;
using ReliableQueue.Storage;

namespace ReliableQueue.Sqlite;

/// <summary>Stores messages at the end of the line.</summary>
internal static class EnqueueStep
{
    public static EnqueueReply Run(WriteContext context, EnqueueRequest request)
    {
        var name = request.Queue;
        var queue = QueueTable.FindOrCreate(context, name);
        var call = CallTable.Judge(context, queue, request.Call);
        if (call.Standing == CallStanding.Applied)
        {
            context.File.DemandRoom(context.Connection, request.Messages);
            Store(context, queue, request.Messages);
            CallTable.Record(context, queue, request.Call, call.Regressed, []);
            context.Wake(name);
        }

        return new EnqueueReply(call.Answer(queue), []);
    }

    private static void Store(WriteContext context, QueueRow queue, IReadOnlyList<NewMessage> messages)
    {
        var number = EnvelopeTable.NextNumber(context);
        foreach (var message in messages)
        {
            if (MessageTable.Add(context, queue, message.Id, number))
            {
                EnvelopeTable.Add(context, number++, message.Envelope.Span);
            }
        }
    }
}
