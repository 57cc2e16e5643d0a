using ReliableQueue.Broker;
using ReliableQueue.Storage;

namespace ReliableQueue.Sqlite;

/// <summary>The one writer of a message's state: every change of line goes through here. A row that fails its checksum is skipped by whoever reads it, and stays.</summary>
internal static class MessageTable
{
    private const int FewRows = 16;
    private const string Columns = "SELECT id, state, place, envelope, deliveries, losses, generation, session, fence, settled, crc FROM message";

    private const string SelectOne = Columns + " WHERE queue = ? AND id = ?";

    private const string SelectLine = Columns + " INDEXED BY line WHERE queue = ? AND state = ? AND place <= ? ORDER BY place, id";

    private const string SelectBehind = Columns + " INDEXED BY line WHERE queue = ? AND state = ? AND (place, id) > (?, ?) ORDER BY place, id";

    // 3 is Line.Leased.
    private const string SelectSession = Columns + " INDEXED BY line WHERE queue = ? AND state = 3 AND session = ? ORDER BY place, id";

    // An id is new for every message. One that is there all the same is left alone: the message it names must not be handed out twice.
    private const string Insert = """
        INSERT INTO message (queue, id, state, place, envelope, deliveries, losses, generation, session, fence, settled, crc)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
        """;

    private const string Update = """
        UPDATE message SET state = ?, place = ?, deliveries = ?, losses = ?, generation = ?, session = ?, fence = ?, settled = ?, crc = ? WHERE queue = ? AND id = ?
        """;

    private const string Delete = "DELETE FROM message WHERE queue = ? AND id = ?";

    private const string SelectId = "SELECT 1 FROM message WHERE queue = ? AND id = ?";

    /// <summary>The row of a message; null when there is none, or it fails its checksum.</summary>
    public static MessageRow? Find(Connection connection, QueueRow queue, MessageId id)
    {
        using var select = connection.Use(SelectOne);
        return select.With(queue.Number).With(id).Step() && Read(select, queue) is { } row && row.Id == id ? row : null;
    }

    /// <summary>Whether there is a row of this id, good or damaged.</summary>
    public static bool Exists(Connection connection, QueueRow queue, MessageId id)
    {
        using var select = connection.Use(SelectId);
        return select.With(queue.Number).With(id).Step();
    }

    /// <summary>The rows of one line in order, as far as their place is not beyond a bound.</summary>
    public static List<MessageRow> InLine(Connection connection, QueueRow queue, Line line, long upTo, int limit, List<byte[]>? damaged = null)
    {
        using var select = connection.Use(SelectLine);
        return ReadAll(select.With(queue.Number).With((int)line).With(upTo), queue, limit, damaged);
    }

    /// <summary>The rows of one line in order, from behind one that need not be there any more.</summary>
    public static List<MessageRow> Behind(Connection connection, QueueRow queue, Line line, (long Place, MessageId Id) last, int limit, List<byte[]>? damaged = null)
    {
        using var select = connection.Use(SelectBehind);
        return ReadAll(select.With(queue.Number).With((int)line).With(last.Place).With(last.Id), queue, limit, damaged);
    }

    /// <summary>What a session holds, lease that ends first first.</summary>
    public static List<MessageRow> HeldBy(Connection connection, QueueRow queue, SessionId session, int limit, List<byte[]> damaged)
    {
        using var select = connection.Use(SelectSession);
        return ReadAll(select.With(queue.Number).With(session.Value), queue, limit, damaged);
    }

    /// <summary>The place of the first in line: for scheduled messages, when it is due, for leased ones, when the lease ends. Null: nobody stands there.</summary>
    public static long? First(Connection connection, QueueRow queue, Line line) =>
        InLine(connection, queue, line, long.MaxValue, 1) is [var first] ? first.Place : null;

    /// <summary>Puts a new message at the end of the line, or where it waits until it is due; false when its id is there already.</summary>
    public static bool Add(Connection connection, QueueRow queue, MessageId id, long envelope, long? due)
    {
        var row = new MessageRow { Id = id, Line = due is null ? Line.Ready : Line.Scheduled, Place = due ?? envelope, Envelope = envelope };
        using var insert = connection.Use(Insert);
        return insert.With(queue.Number).With(id).With((int)row.Line).With(row.Place).With(row.Envelope).With(row.Deliveries).With(row.Losses).With(row.Generation)
            .With(row.Token).With((int)row.Settled).With(row.ChecksumIn(queue)).Run() == 1;
    }

    /// <summary>Writes the row as it is to be, in the line and at the place that it names.</summary>
    public static void Move(Connection connection, QueueRow queue, MessageRow row)
    {
        using var update = connection.Use(Update);
        update.With((int)row.Line).With(row.Place).With(row.Deliveries).With(row.Losses).With(row.Generation).With(row.Token).With((int)row.Settled)
            .With(row.ChecksumIn(queue)).With(queue.Number).With(row.Id).Run();
    }

    /// <summary>Puts a message delivered before back in line, before those never delivered.</summary>
    public static void MoveToReady(Connection connection, QueueRow queue, MessageRow row) =>
        Move(connection, queue, row with { Line = row.ReadyLine, Place = queue.NextRedelivered() });

    /// <summary>Puts a message behind the other dead letters, with the token and counts it has.</summary>
    public static void MoveToDeadLetters(Connection connection, QueueRow queue, MessageRow row, Failure failure)
    {
        FailureTable.Set(connection, row.Envelope, failure);
        Move(connection, queue, row with { Line = Line.DeadLettered, Place = queue.NextNumber() });
    }

    /// <summary>Ends the message: row, bytes and what is known of its failure.</summary>
    public static void Remove(Connection connection, QueueRow queue, MessageRow row)
    {
        RemoveRow(connection, queue, row.Id);
        EnvelopeTable.Remove(connection, row.Envelope);
        if (row.MayHaveFailed)
        {
            FailureTable.Remove(connection, row.Envelope);
        }

        if (row.Line == Line.Damaged)
        {
            DamageTable.Remove(connection, queue, row.Id);
        }
    }

    /// <summary>Removes the row alone, for one that is damaged: the envelope that it names may be another message's.</summary>
    public static void RemoveRow(Connection connection, QueueRow queue, MessageId id)
    {
        using var delete = connection.Use(Delete);
        delete.With(queue.Number).With(id).Run();
    }

    private static List<MessageRow> ReadAll(Statement select, QueueRow queue, int limit, List<byte[]>? damaged)
    {
        var rows = new List<MessageRow>(Math.Min(limit, FewRows));
        while (rows.Count < limit && select.Step())
        {
            if (rows.Count == FewRows)
            {
                // Where there are more than a few there are most often as many as asked for: growing step by step would allocate twice as much.
                rows.EnsureCapacity(Math.Min(limit, BrokerLimits.BatchSize));
            }

            if (Read(select, queue) is { } row)
            {
                rows.Add(row);
            }
            else
            {
                damaged?.Add(select.Bytes(0).ToArray());
            }
        }

        return rows;
    }

    private static MessageRow? Read(Statement select, QueueRow queue)
    {
        if (select.Bytes(0).Length != MessageId.ByteLength)
        {
            return null;
        }

        var row = new MessageRow
        {
            Id = select.Id(0),
            Line = (Line)select.Int(1),
            Place = select.Number(2),
            Envelope = select.Number(3),
            Deliveries = select.Int(4),
            Losses = select.Int(5),
            Generation = select.Int(6),
            Token = new LeaseToken(new SessionId(select.Number(7)), select.Number(8)),
            Settled = (SettledAs)select.Int(9),
        };
        return row.ChecksumIn(queue) == select.Number(10) ? row : null;
    }
}

/// <summary>
/// A row of the message table. Envelope is the number of its bytes in the envelope table; Token is the newest given out, zeros before the first delivery.
/// </summary>
internal readonly record struct MessageRow
{
    private const int SuspectLosses = 2;

    public required MessageId Id { get; init; }

    public Line Line { get; init; }

    public required long Place { get; init; }

    public required long Envelope { get; init; }

    public int Deliveries { get; init; }

    public int Losses { get; init; }

    public int Generation { get; init; }

    public LeaseToken Token { get; init; }

    public SettledAs Settled { get; init; }

    /// <summary>The line it stands in when it is ready.</summary>
    public Line ReadyLine => Losses >= SuspectLosses ? Line.Suspect : Line.Ready;

    /// <summary>Whether the failure table may know of it. A first delivery that has not ended cannot have failed.</summary>
    public bool MayHaveFailed => Line != Line.Leased || Deliveries > 1;

    /// <summary>What the row's checksum must be in a queue.</summary>
    public long ChecksumIn(QueueRow queue)
    {
        Span<byte> id = stackalloc byte[MessageId.ByteLength];
        Id.WriteTo(id);
        return RowChecksum.Of("message", queue.Number).With(id).With((int)Line).With(Place).With(Envelope).With(Deliveries).With(Losses).With(Generation)
            .With(Token.Session.Value).With(Token.Fence).With((int)Settled).Value;
    }
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

    /// <summary>Its bytes are damaged: kept, and never given out.</summary>
    Damaged = 5,
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
