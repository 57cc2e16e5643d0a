using ReliableQueue.Broker;
using ReliableQueue.Storage;

namespace ReliableQueue.Sqlite;

/// <summary>Why and when messages were dead-lettered. The number of a row is the place of its message among the dead letters.</summary>
internal static class DeadLetterTable
{
    private const string Insert = "INSERT INTO dead_letter (reason, error, at) VALUES (?, ?, ?) RETURNING number";

    private const string Page = """
        SELECT message.id, message.envelope, dead_letter.reason, dead_letter.error, message.deliveries, dead_letter.at, message.losses, message.place
        FROM message INDEXED BY line JOIN dead_letter ON dead_letter.number = message.place
        WHERE message.queue = ? AND message.state = 4 AND message.place > ? ORDER BY message.place LIMIT ?
        """;

    /// <summary>Moves a message here, with the token and count it has.</summary>
    public static void Add(WriteContext context, QueueRow queue, MessageRow row, DeadLetterReason reason, string? error)
    {
        long number;
        using (var insert = context.Connection.Use(Insert))
        {
            insert.With((int)reason).With(error).With(context.UtcNow).Step();
            number = insert.Number(0);
        }

        MessageTable.Move(context, queue, row with { State = Line.DeadLettered }, number);
    }

    /// <summary>One page, oldest first, and the number of its last row.</summary>
    public static (List<StoredMessage> Messages, long Last) Read(Connection connection, QueueRow queue, long after, int take)
    {
        using var page = connection.Use(Page);
        page.With(queue.Number).With(after).With(take);
        var (messages, last) = (new List<StoredMessage>(), after);
        while (page.Step())
        {
            messages.Add(new StoredMessage(page.Id(0), EnvelopeTable.Read(connection, page.Number(1)), MessageState.DeadLettered, page.Int(4))
            {
                WorkerLosses = page.Int(6),
                DeadLetterReason = (DeadLetterReason)page.Int(2),
                Error = page.Text(3),
                DeadLetteredAt = DateTimeOffset.UnixEpoch + TimeSpan.FromMicroseconds(page.Number(5)),
            });
            last = page.Number(7);
        }

        return (messages, last);
    }
}
