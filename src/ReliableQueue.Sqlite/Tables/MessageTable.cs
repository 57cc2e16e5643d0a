using ReliableQueue.Broker;
using ReliableQueue.Storage;

namespace ReliableQueue.Sqlite;

/// <summary>The one writer of a message's state: every change of line goes through here.</summary>
internal static class MessageTable
{
    private const string Columns = "SELECT id, state, envelope, deliveries, losses, session, fence, settled FROM message";

    private const string SelectOne = Columns + " WHERE queue = ? AND id = ?";

    private const string SelectLine = Columns + " INDEXED BY line WHERE queue = ? AND state = ? AND place <= ? ORDER BY place LIMIT ?";

    // 3 is Line.Leased.
    private const string SelectSession = Columns + " INDEXED BY line WHERE queue = ? AND state = 3 AND session = ? ORDER BY place LIMIT ?";

    // An id is new for every message. One that is there all the same is left alone: the message it names must not be handed out twice.
    private const string Insert = """
        INSERT INTO message (queue, id, state, place, envelope, deliveries, losses, session, fence, settled)
        VALUES (?1, ?2, 0, ?3, ?3, 0, 0, 0, 0, 0) ON CONFLICT DO NOTHING
        """;

    private const string Update = """
        UPDATE message SET state = ?, place = ?, deliveries = ?, losses = ?, session = ?, fence = ?, settled = ? WHERE queue = ? AND id = ?
        """;

    private const string Delete = "DELETE FROM message WHERE queue = ? AND id = ?";

    private const string FirstPlace = "SELECT place FROM message INDEXED BY line WHERE queue = ? AND state = ? ORDER BY place LIMIT 1";

    public static MessageRow? Find(WriteContext context, QueueRow queue, MessageId id)
    {
        using var select = context.Connection.Use(SelectOne);
        return select.With(queue.Number).With(id).Step() ? Read(select) : null;
    }

    /// <summary>The rows of one line in order, as far as their place is not beyond a bound.</summary>
    public static List<MessageRow> InLine(WriteContext context, QueueRow queue, Line state, long upTo, int limit)
    {
        using var select = context.Connection.Use(SelectLine);
        return ReadAll(select.With(queue.Number).With((int)state).With(upTo).With(limit));
    }

    /// <summary>What a session holds, lease that ends first first.</summary>
    public static List<MessageRow> HeldBy(WriteContext context, QueueRow queue, SessionId session, int limit)
    {
        using var select = context.Connection.Use(SelectSession);
        return ReadAll(select.With(queue.Number).With(session.Value).With(limit));
    }

    /// <summary>The place of the first in line: for scheduled messages, when it is due. Null: nobody stands there.</summary>
    public static long? First(Connection connection, QueueRow queue, Line state)
    {
        using var first = connection.Use(FirstPlace);
        return first.With(queue.Number).With((int)state).Step() ? first.Number(0) : null;
    }

    /// <summary>Puts a new message at the end of the line; false when its id is there already.</summary>
    public static bool Add(WriteContext context, QueueRow queue, MessageId id, long envelope)
    {
        using var insert = context.Connection.Use(Insert);
        return insert.With(queue.Number).With(id).With(envelope).Run() == 1;
    }

    /// <summary>Writes the row as it is to be, in the line its state names, at a place.</summary>
    public static void Move(WriteContext context, QueueRow queue, MessageRow row, long place)
    {
        using var update = context.Connection.Use(Update);
        update.With((int)row.State).With(place).With(row.Deliveries).With(row.Losses).With(row.Token).With((int)row.Settled)
            .With(queue.Number).With(row.Id).Run();
    }

    /// <summary>Puts a message delivered before back in line, before those never delivered.</summary>
    public static void MoveToReady(WriteContext context, QueueRow queue, MessageRow row) =>
        Move(context, queue, row with { State = row.ReadyLine }, QueueTable.NextPlace(context, queue));

    /// <summary>Ends the message: row and bytes.</summary>
    public static void Remove(WriteContext context, QueueRow queue, MessageRow row)
    {
        using var delete = context.Connection.Use(Delete);
        delete.With(queue.Number).With(row.Id).Run();
        EnvelopeTable.Remove(context, row.Envelope);
    }

    private static List<MessageRow> ReadAll(Statement select)
    {
        var rows = new List<MessageRow>();
        while (select.Step())
        {
            rows.Add(Read(select));
        }

        return rows;
    }

    private static MessageRow Read(Statement row) => new(
        row.Id(0),
        (Line)row.Int(1),
        row.Number(2),
        row.Int(3),
        row.Int(4),
        new LeaseToken(new SessionId(row.Number(5)), row.Number(6)),
        (SettledAs)row.Int(7));
}

/// <summary>
/// A row of the message table, without its place in line. Envelope is the number of its bytes in the envelope table; Token is the newest given out, zeros before
/// the first delivery.
/// </summary>
internal readonly record struct MessageRow(
    MessageId Id, Line State, long Envelope, int Deliveries, int Losses, LeaseToken Token, SettledAs Settled)
{
    private const int SuspectLosses = 2;

    /// <summary>The line it stands in when it is ready.</summary>
    public Line ReadyLine => Losses >= SuspectLosses ? Line.Suspect : Line.Ready;
}

/// <summary>Which line a message stands in. The numbers are stored: they are never reused.</summary>
internal enum Line
{
    Ready = 0,

    /// <summary>Ready, but two or more workers in a row were lost with it. A line of its own, so that suspects nobody may take hold up nothing.</summary>
    Suspect = 1,
    Scheduled = 2,
    Leased = 3,
    DeadLettered = 4,
}

/// <summary>How the newest token of a message ended. The numbers are stored: they are never reused. An ack is not here: it leaves nothing.</summary>
internal enum SettledAs
{
    /// <summary>It has not: the lease runs, or was reclaimed or returned, and a late ack by it is welcome.</summary>
    Not = 0,
    Retry = 1,
    Release = 2,
    DeadLetter = 3,
}
