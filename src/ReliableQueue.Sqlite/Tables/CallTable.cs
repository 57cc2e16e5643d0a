using ReliableQueue.Broker;
using ReliableQueue.Storage;

namespace ReliableQueue.Sqlite;

/// <summary>The last call of each lane: what makes a call safe to repeat, and a lost write visible.</summary>
internal static class CallTable
{
    private const string Select = "SELECT number, regressed, leases, seen, crc FROM call WHERE queue = ? AND session = ? AND lane = ?";

    private const string SelectSession = "SELECT number, regressed, leases, lane, crc FROM call WHERE queue = ? AND session = ?";

    private const string Upsert = """
        INSERT INTO call (queue, session, lane, number, regressed, seen, leases, crc) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (queue, session, lane) DO UPDATE SET number = excluded.number, regressed = excluded.regressed, seen = excluded.seen, leases = excluded.leases,
          crc = excluded.crc
        """;

    private const string SelectFenced = "SELECT 1 FROM fenced WHERE queue = ? AND session = ?";

    private const string InsertFenced = "INSERT INTO fenced (queue, session, seen, crc) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING";

    /// <summary>Compares a call with the last of its lane. A lane never seen counts as one that stands at 0.</summary>
    public static CallRow Judge(Connection connection, QueueRow queue, CallStamp call)
    {
        using var select = connection.Use(Select);
        if (!select.With(queue.Number).With(call.Session.Value).With(call.Lane).Step())
        {
            return CallRow.New(call.Number > 1);
        }

        var (last, regressed) = (select.Number(0), select.Number(1) != 0);
        var leases = select.Bytes(2);
        if (ChecksumOf(queue, call with { Number = last }, regressed, leases) != select.Number(4))
        {
            // What the lane was answered is lost: as if it had never been seen, and said so, even of its first call.
            return CallRow.New(regressed: true);
        }

        return call.Number > last ? new CallRow(CallStanding.Applied, call.Number > last + 1, [], select.Number(3))
            : call.Number == last ? new CallRow(CallStanding.Repeated, regressed, leases.ToArray(), select.Number(3))
            : new CallRow(CallStanding.Already, Regressed: false, [], select.Number(3));
    }

    /// <summary>Files the call in the transaction that does it: both are stored or neither.</summary>
    public static void Record(WriteContext context, QueueRow queue, CallStamp call, bool regressed, ReadOnlySpan<byte> leases)
    {
        using var upsert = context.Connection.Use(Upsert);
        upsert.With(queue.Number).With(call.Session.Value).With(call.Lane).With(call.Number).With(regressed ? 1 : 0).With(context.Now).With(leases)
            .With(ChecksumOf(queue, call, regressed, leases)).Run();
    }

    /// <summary>The highest number of a session's lanes, and whether the last call of one of them skipped a number, or is not known any more.</summary>
    public static (long Number, bool Regressed) LastOf(Connection connection, QueueRow queue, SessionId session)
    {
        var (highest, anyRegressed) = (0L, false);
        using var select = connection.Use(SelectSession);
        select.With(queue.Number).With(session.Value);
        while (select.Step())
        {
            var (call, regressed) = (new CallStamp(session, select.Int(3), select.Number(0)), select.Number(1) != 0);
            var isGood = ChecksumOf(queue, call, regressed, select.Bytes(2)) == select.Number(4);
            highest = isGood ? Math.Max(highest, call.Number) : highest;
            anyRegressed |= regressed || !isGood;
        }

        return (highest, anyRegressed);
    }

    public static bool IsFenced(Connection connection, QueueRow queue, SessionId session)
    {
        using var select = connection.Use(SelectFenced);
        return select.With(queue.Number).With(session.Value).Step();
    }

    public static void Fence(WriteContext context, QueueRow queue, SessionId session)
    {
        using var insert = context.Connection.Use(InsertFenced);
        insert.With(queue.Number).With(session.Value).With(context.Now).With(RowChecksum.Of("fenced", queue.Number).With(session.Value).Value).Run();
    }

    private static long ChecksumOf(QueueRow queue, CallStamp call, bool regressed, ReadOnlySpan<byte> leases) =>
        RowChecksum.Of("call", queue.Number).With(call.Session.Value).With(call.Lane).With(call.Number).With(regressed ? 1 : 0).With(leases).Value;
}

/// <summary>How a stamped call stands against the last one of its lane. Leases are what a repeated call leased, as it was stored; empty otherwise.</summary>
internal readonly record struct CallRow(CallStanding Standing, bool Regressed, byte[] Leases, long? Seen)
{
    /// <summary>The first call of a lane.</summary>
    public static CallRow New(bool regressed) => new(CallStanding.Applied, regressed, [], Seen: null);

    public CallAnswer Answer(QueueRow queue) => new(Standing, queue.Epoch, Regressed);
}
