using ReliableQueue.Broker;
using ReliableQueue.Storage;

namespace ReliableQueue.Sqlite;

/// <summary>The last call of each lane: what makes a call safe to repeat, and a lost write visible.</summary>
internal static class CallTable
{
    private const string Select = "SELECT number, regressed, leases FROM call WHERE queue = ? AND session = ? AND lane = ?";

    private const string Upsert = """
        INSERT INTO call (queue, session, lane, number, regressed, seen, leases) VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (queue, session, lane) DO UPDATE SET number = excluded.number, regressed = excluded.regressed, seen = excluded.seen, leases = excluded.leases
        """;

    private const string Highest = "SELECT coalesce(max(number), 0), coalesce(max(regressed), 0) FROM call WHERE queue = ? AND session = ?";

    private const string SelectFenced = "SELECT 1 FROM fenced WHERE queue = ? AND session = ?";

    private const string InsertFenced = "INSERT INTO fenced (queue, session, seen) VALUES (?, ?, ?) ON CONFLICT DO NOTHING";

    /// <summary>Compares a call with the last of its lane. A lane never seen counts as one that stands at 0.</summary>
    public static CallRow Judge(WriteContext context, QueueRow queue, CallStamp call)
    {
        using var select = context.Connection.Use(Select);
        var known = select.With(queue.Number).With(call.Session.Value).With(call.Lane).Step();
        var last = known ? select.Number(0) : 0;
        if (call.Number > last)
        {
            return new CallRow(CallStanding.Applied, call.Number > last + 1, []);
        }

        return call.Number == last
            ? new CallRow(CallStanding.Repeated, select.Number(1) != 0, select.Bytes(2).ToArray())
            : new CallRow(CallStanding.Already, Regressed: false, []);
    }

    /// <summary>Files the call in the transaction that does it: both are stored or neither.</summary>
    public static void Record(WriteContext context, QueueRow queue, CallStamp call, bool regressed, ReadOnlySpan<byte> leases)
    {
        using var upsert = context.Connection.Use(Upsert);
        upsert.With(queue.Number).With(call.Session.Value).With(call.Lane).With(call.Number).With(regressed ? 1 : 0).With(context.Now).With(leases).Run();
    }

    /// <summary>The highest number of a session's lanes, and whether the last call of one of them skipped a number.</summary>
    public static (long Number, bool Regressed) LastOf(WriteContext context, QueueRow queue, SessionId session)
    {
        using var highest = context.Connection.Use(Highest);
        return highest.With(queue.Number).With(session.Value).Step() ? (highest.Number(0), highest.Number(1) != 0) : (0, false);
    }

    public static bool IsFenced(WriteContext context, QueueRow queue, SessionId session)
    {
        using var select = context.Connection.Use(SelectFenced);
        return select.With(queue.Number).With(session.Value).Step();
    }

    public static void Fence(WriteContext context, QueueRow queue, SessionId session)
    {
        using var insert = context.Connection.Use(InsertFenced);
        insert.With(queue.Number).With(session.Value).With(context.Now).Run();
    }
}

/// <summary>How a stamped call stands against the last one of its lane. Leases are what a repeated call leased, as it was stored; empty otherwise.</summary>
internal readonly record struct CallRow(CallStanding Standing, bool Regressed, byte[] Leases)
{
    public CallAnswer Answer(QueueRow queue) => new(Standing, queue.Epoch, Regressed);
}
