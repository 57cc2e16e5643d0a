using ReliableQueue.Broker;

namespace ReliableQueue.Sqlite;

/// <summary>Deletes messages in whatever state they are. A handler may run with one of them: what it settles finds no row and is answered as done.</summary>
internal static class DeleteStep
{
    public static DeleteReply Run(WriteContext context, DeleteRequest request)
    {
        var queue = context.FindQueue(request.Queue);
        return new DeleteReply([.. request.Ids.Select(id => queue is not null && Delete(context, queue, id) ? DeleteResult.Deleted : DeleteResult.NotThere)]);
    }

    public static PurgeReply Run(WriteContext context, PurgeRequest request)
    {
        if (context.FindQueue(request.Queue) is not { } queue)
        {
            return new PurgeReply(0, IsComplete: true);
        }

        var rows = BrowseQuery.LinesOf(request.State).SelectMany(line => MessageTable.InLine(context.Connection, queue, line, long.MaxValue, request.Most + 1)).ToList();
        var purged = rows.Take(request.Most).ToList();
        purged.ForEach(row => MessageTable.Remove(context.Connection, queue, row));
        return new PurgeReply(purged.Count, IsComplete: purged.Count == rows.Count);
    }

    private static bool Delete(WriteContext context, QueueRow queue, MessageId id)
    {
        if (MessageTable.Find(context.Connection, queue, id) is { } row)
        {
            MessageTable.Remove(context.Connection, queue, row);
            return true;
        }

        var isThere = MessageTable.Exists(context.Connection, queue, id);
        MessageTable.RemoveRow(context.Connection, queue, id);
        DamageTable.Remove(context.Connection, queue, id);
        return isThere;
    }
}
