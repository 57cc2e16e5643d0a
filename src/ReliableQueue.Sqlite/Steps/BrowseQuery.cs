using System.Globalization;
using ReliableQueue.Broker;
using ReliableQueue.Storage;

namespace ReliableQueue.Sqlite;

/// <summary>Reads messages for an operator. One that is damaged is left out: it is counted by <see cref="StatisticsQuery"/>.</summary>
internal sealed class BrowseQuery(Connection connection, QueueRow queue, BrokerEnvironment environment)
{
    private readonly (long Now, long UtcNow) clocks = (environment.Now, environment.UtcNow);

    public BrowseReply Page(BrowseRequest request)
    {
        var lines = LinesOf(request.State);
        var (line, place, id) = request.Cursor is { } cursor ? Read(cursor, lines) : (lines[0], long.MinValue, default);
        var rows = new List<MessageRow>();
        for (var next = Array.IndexOf(lines, line); next < lines.Length && rows.Count <= request.Take; next++)
        {
            var last = lines[next] == line ? (place, id) : (long.MinValue, default);
            rows.AddRange(MessageTable.Behind(connection, queue, lines[next], last, request.Take + 1 - rows.Count));
        }

        var hasMore = rows.Count > request.Take;
        var page = hasMore ? rows[..request.Take] : rows;
        return new BrowseReply([.. page.Select(Message).OfType<StoredMessage>()], hasMore ? Text(page[^1]) : null);
    }

    public StoredMessage? Find(MessageId id) => MessageTable.Find(connection, queue, id) is { } row ? Message(row) : null;

    /// <summary>Whether the text is a cursor of the state, as <see cref="Page"/> gave it.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public static void Demand(BrowseRequest request)
    {
        if (request.Cursor is { } cursor)
        {
            Read(cursor, LinesOf(request.State));
        }
    }

    /// <summary>The lines of a state, in the order their messages are shown.</summary>
    public static Line[] LinesOf(MessageState state) => state switch
    {
        MessageState.Ready => [Line.Suspect, Line.Ready],
        MessageState.Scheduled => [Line.Scheduled],
        MessageState.Leased => [Line.Leased],
        MessageState.DeadLettered => [Line.DeadLettered],
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "There is no such state."),
    };

    private static string Text(MessageRow row) => string.Create(CultureInfo.InvariantCulture, $"{(int)row.Line}:{row.Place}:{row.Id}");

    private static (Line Line, long Place, MessageId Id) Read(string cursor, Line[] lines)
    {
        var parts = cursor.Split(':');
        return parts.Length == 3
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var line) && lines.Contains((Line)line)
            && long.TryParse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var place)
            && MessageId.TryParse(parts[2], out var id)
            ? ((Line)line, place, id)
            : throw new ArgumentException($"'{cursor}' is no cursor of this broker for this state.", nameof(cursor));
    }

    private StoredMessage? Message(MessageRow row)
    {
        if (row.Line == Line.Damaged || EnvelopeTable.Read(connection, row) is not { } envelope)
        {
            return null;
        }

        var failure = row.MayHaveFailed ? FailureTable.Find(connection, row.Envelope) : null;
        var dead = failure ?? Failure.Unreadable;
        var message = new StoredMessage(row.Id, envelope, StateOf(row.Line), row.Deliveries)
        {
            WorkerLosses = row.Losses,
            Generation = row.Generation,
            Error = row.Line == Line.DeadLettered ? dead.Error : failure?.Error,
        };
        return row.Line switch
        {
            Line.Scheduled => message with { DueAt = At(row.Place) },
            Line.Leased => message with { LeasedBy = row.Token.Session, LeaseEndsAt = At(clocks.UtcNow + row.Place - clocks.Now) },
            Line.DeadLettered => message with { DeadLetterReason = dead.Reason, DeadLetteredAt = dead.At == 0 ? null : At(dead.At) },
            _ => message,
        };
    }

    private static MessageState StateOf(Line line) => line switch
    {
        Line.Scheduled => MessageState.Scheduled,
        Line.Leased => MessageState.Leased,
        Line.DeadLettered => MessageState.DeadLettered,
        _ => MessageState.Ready,
    };

    private static DateTimeOffset At(long microseconds) => DateTimeOffset.UnixEpoch + TimeSpan.FromMicroseconds(microseconds);
}
