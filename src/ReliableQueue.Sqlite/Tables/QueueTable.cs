using ReliableQueue.Storage;
using SQLitePCL;

namespace ReliableQueue.Sqlite;

/// <summary>The queues of the file, with the counters that belong to each.</summary>
internal static class QueueTable
{
    private const string Columns = "SELECT number, name, epoch, fence, line, paused, crc FROM queue";

    private const string SelectOne = Columns + " WHERE name = ?";

    private const string SelectPage = Columns + " WHERE name > ? ORDER BY name LIMIT ?";

    // By the row number, because the index of names may be what is damaged.
    private const string SelectAll = Columns + " NOT INDEXED ORDER BY number";

    private const string Insert = "INSERT INTO queue (number, name, epoch, fence, line, paused, crc) VALUES (?, ?, ?, ?, ?, ?, ?)";

    private const string Update = "UPDATE queue SET fence = ?, line = ?, paused = ?, crc = ? WHERE number = ?";

    /// <exception cref="SqliteFailure">The row fails its checksum.</exception>
    public static QueueRow? Find(Connection connection, QueueName name)
    {
        using var select = connection.Use(SelectOne);
        return select.With(name.Value).Step() ? Read(select, name.Value) : null;
    }

    /// <summary>A page of the queues, by name, from behind a name.</summary>
    public static List<QueueRow> Page(Connection connection, string after, int take)
    {
        using var select = connection.Use(SelectPage);
        return ReadAll(select.With(after).With(take), damaged: null);
    }

    /// <summary>Every queue. One whose row fails its checksum goes to another list, by its name as far as it can be read, or is a failure when there is none.</summary>
    public static List<QueueRow> All(Connection connection, List<string>? damaged = null)
    {
        using var select = connection.Use(SelectAll);
        return ReadAll(select, damaged);
    }

    /// <summary>Makes a queue that <see cref="Find"/> did not find.</summary>
    public static QueueRow Create(Connection connection, QueueName name, IRandomSource random)
    {
        // A name that changed on the disk is not found either. Made again, the queue would be empty, and nobody would hear of its messages: so every row is read.
        var all = All(connection);
        if (all.Find(row => row.Name == name.Value) is { } missed)
        {
            return missed;
        }

        var made = new QueueRow(all.Count == 0 ? 1 : all[^1].Number + 1, name.Value, random.NextInt64());
        using var insert = connection.Use(Insert);
        insert.With(made.Number).With(made.Name).With(made.Epoch).With(made.Fence).With(made.Places).With(made.PausedUntil).With(made.Checksum).Run();
        return made;
    }

    /// <summary>Writes what changed in the row.</summary>
    public static void Save(Connection connection, QueueRow queue)
    {
        using var update = connection.Use(Update);
        update.With(queue.Fence).With(queue.Places).With(queue.PausedUntil).With(queue.Checksum).With(queue.Number).Run();
    }

    private static List<QueueRow> ReadAll(Statement select, List<string>? damaged)
    {
        var rows = new List<QueueRow>();
        while (select.Step())
        {
            var name = select.Text(1) ?? "";
            if (damaged is null || IsGood(select, name))
            {
                rows.Add(Read(select, name));
            }
            else
            {
                damaged.Add(name);
            }
        }

        return rows;
    }

    // Its counters decide which token is newer, so nothing is done with a queue whose row is wrong.
    private static QueueRow Read(Statement select, string name) =>
        IsGood(select, name) ? RowOf(select, name) : throw new SqliteFailure(raw.SQLITE_CORRUPT, $"the row of queue '{name}' fails its checksum");

    private static bool IsGood(Statement select, string name) => RowOf(select, name).Checksum == select.Number(6);

    private static QueueRow RowOf(Statement select, string name) => new(select.Number(0), name, select.Number(2))
    {
        Fence = select.Number(3),
        Places = select.Number(4),
        PausedUntil = select.Number(5),
    };
}

/// <summary>A queue as the other tables name it, with the number and epoch drawn when it was made, and its counters. Used within one step.</summary>
internal sealed class QueueRow(long number, string name, long epoch)
{
    /// <summary>A pause that lasts until somebody ends it.</summary>
    public const long WithoutEnd = long.MaxValue;

    // Redelivered messages stand before those never delivered, whose place is the number of their envelope, from 1.
    private const long FirstRedelivered = -(1L << 62);

    public long Number { get; } = number;

    public string Name { get; } = name;

    public long Epoch { get; } = epoch;

    /// <summary>The highest fence given out.</summary>
    public long Fence { get; set; }

    /// <summary>How many places were given out.</summary>
    public long Places { get; set; }

    /// <summary>Until when nothing is given out, in microseconds since 1970; 0: the queue is not paused.</summary>
    public long PausedUntil { get; set; }

    /// <summary>Whether the step changed the row.</summary>
    public bool IsChanged { get; private set; }

    public long Checksum => RowChecksum.Of("queue", Number).With(Name).With(Epoch).With(Fence).With(Places).With(PausedUntil).Value;

    /// <summary>Reserves fences that were never given out; answers the first. Never below the wall clock, so that a file restored from a copy gives no fence a second time.</summary>
    public long NextFences(int count, long utcNow)
    {
        IsChanged = true;
        var first = Math.Max(Fence + 1, utcNow);
        Fence = first + count - 1;
        return first;
    }

    /// <summary>The place behind all redelivered messages and before all others.</summary>
    public long NextRedelivered() => FirstRedelivered + NextNumber();

    /// <summary>A number above all that were given out for this queue.</summary>
    public long NextNumber()
    {
        IsChanged = true;
        return ++Places;
    }

    public void Pause(long until)
    {
        IsChanged = true;
        PausedUntil = until;
    }
}
