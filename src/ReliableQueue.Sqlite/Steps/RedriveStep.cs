using ReliableQueue.Broker;

namespace ReliableQueue.Sqlite;

/// <summary>
/// Puts dead letters back to ready, before what was never delivered, with their counts at zero and a generation of their own: what a worker remembers of the message is of
/// an earlier one.
/// </summary>
internal static class RedriveStep
{
    public static RedriveReply Run(WriteContext context, RedriveRequest request)
    {
        var queue = context.FindQueue(request.Queue);
        return new RedriveReply([.. request.Ids.Select(id => queue is null ? RedriveResult.NotThere : Redrive(context, queue, id))]);
    }

    private static RedriveResult Redrive(WriteContext context, QueueRow queue, MessageId id)
    {
        if (MessageTable.Find(context.Connection, queue, id) is not { Line: Line.DeadLettered } row)
        {
            return RedriveResult.NotThere;
        }

        // Without a token: a late settlement of the delivery that ended in the dead letters must not end the new one.
        FailureTable.Remove(context.Connection, row.Envelope);
        MessageTable.Move(context.Connection, queue, new MessageRow { Id = row.Id, Place = queue.NextRedelivered(), Envelope = row.Envelope, Generation = row.Generation + 1 });
        context.Wake();
        return RedriveResult.Redriven;
    }
}
