using System.Globalization;
using ReliableQueue.Broker;

namespace ReliableQueue.Testing;

/// <content>What operators do to a queue.</content>
public partial class QueueRules
{
    /// <summary>Whether the queue keeps anything that an operator would list it for.</summary>
    internal bool Exists => Contents.Messages.Count > 0 || Contents.Calls.Count > 0 || Contents.PausedUntil is not null || Contents.Workers.Count > 0;

    /// <summary>Counts the messages in each state.</summary>
    public QueueStatistics Count()
    {
        var now = Now;
        var counts = new long[4];
        QueuedMessage? first = null;
        foreach (var message in Contents.Messages.Values.Where(message => !message.IsGone))
        {
            counts[(int)message.StateAt(now)]++;
            first = message.IsReady(now) && (first is null || message.Place < first.Place) ? message : first;
        }

        return new QueueStatistics(
            counts[(int)MessageState.Ready], counts[(int)MessageState.Scheduled], counts[(int)MessageState.Leased], counts[(int)MessageState.DeadLettered], first?.Id.CreatedAt)
        {
            IsPaused = IsPaused(now),
        };
    }

    /// <summary>Reads one page of the messages of a state.</summary>
    /// <param name="request">Which state and page.</param>
    public BrowseReply Browse(BrowseRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentOutOfRangeException.ThrowIfLessThan(request.Take, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(request.Take, BrokerLimits.BatchSize);
        var (now, after) = (Now, request.Cursor is null ? default : CursorOf(request.Cursor, request.State));
        var page = Contents.Messages.Values
            .Where(message => !message.IsGone && message.StateAt(now) == request.State)
            .Select(message => (Key: (Order: OrderOf(message, request.State), message.Id), message))
            .Where(entry => request.Cursor is null || entry.Key.CompareTo(after) > 0)
            .OrderBy(entry => entry.Key)
            .Take(request.Take + 1)
            .ToList();
        var last = page.Count > request.Take ? page[request.Take - 1].Key : default;
        var next = page.Count > request.Take ? string.Create(CultureInfo.InvariantCulture, $"{request.State}:{last.Order}:{last.Id}") : null;
        return new BrowseReply([.. page.Take(request.Take).Select(entry => entry.message.View(now))], next);
    }

    /// <summary>Finds one message; null when it is not there.</summary>
    /// <param name="id">The message.</param>
    public StoredMessage? Find(MessageId id) => Contents.Messages.GetValueOrDefault(id) is { IsGone: false } message ? message.View(Now) : null;

    /// <summary>Puts a dead letter back to ready, with counts that begin anew and a generation more.</summary>
    /// <param name="id">The message.</param>
    public RedriveResult Redrive(MessageId id)
    {
        if (Contents.Messages.GetValueOrDefault(id) is not { IsDead: true } message)
        {
            return RedriveResult.NotThere;
        }

        (message.IsDead, message.Reason, message.Error, message.DeadLetteredAt) = (false, null, null, 0);
        (message.Deliveries, message.Losses, message.SettledBy, message.Token) = (0, 0, null, default);
        (message.DueAt, message.Place) = (0, ++Contents.Back);
        message.Generation++;
        return RedriveResult.Redriven;
    }

    /// <summary>Deletes a message, in whatever state it is.</summary>
    /// <param name="id">The message.</param>
    public DeleteResult Delete(MessageId id)
    {
        if (Contents.Messages.GetValueOrDefault(id) is not { IsGone: false } message)
        {
            return DeleteResult.NotThere;
        }

        Forget(message);
        return DeleteResult.Deleted;
    }

    /// <summary>Deletes messages of one state.</summary>
    /// <param name="request">Which, and how many at most.</param>
    public PurgeReply Purge(PurgeRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentOutOfRangeException.ThrowIfLessThan(request.Most, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(request.Most, BrokerLimits.BatchSize);
        var now = Now;
        var found = Contents.Messages.Values.Where(message => !message.IsGone && message.StateAt(now) == request.State).Take(request.Most + 1).ToList();
        var purged = found.Take(request.Most).ToList();
        purged.ForEach(Forget);
        return new PurgeReply(purged.Count, found.Count <= request.Most);
    }

    /// <summary>Gives out nothing for a time, or until <see cref="Resume"/>.</summary>
    /// <param name="span">How long; null: until it is resumed.</param>
    public void Pause(TimeSpan? span) => Contents.PausedUntil = span is { } given ? Now + given.Ticks : long.MaxValue;

    /// <summary>Gives out messages again.</summary>
    public void Resume() => Contents.PausedUntil = null;

    /// <summary>Keeps what a worker says of itself.</summary>
    /// <param name="announcement">What it says.</param>
    public void Announce(WorkerAnnouncement announcement)
    {
        ArgumentNullException.ThrowIfNull(announcement);
        Contents.Workers[announcement.Session] = (announcement, Now + announcement.For.Ticks);
        foreach (var (session, _) in Contents.Workers.Where(each => each.Value.Until <= Now).ToList())
        {
            Contents.Workers.Remove(session);
        }
    }

    /// <summary>The sessions that hold leases or were announced, those that hold most first.</summary>
    public IReadOnlyList<WorkerListing> Workers()
    {
        var now = Now;
        var held = Contents.Messages.Values.Where(message => message.IsLive && message.IsLeased).ToLookup(message => message.Token.Session);
        var said = Contents.Workers.Where(each => each.Value.Until > now).ToDictionary(each => each.Key, each => each.Value.Said);
        return [.. held.Select(group => group.Key).Union(said.Keys)
            .Select(session => new WorkerListing(
                session,
                said.GetValueOrDefault(session)?.Worker,
                said.GetValueOrDefault(session)?.Concurrency,
                held[session].Count(),
                held[session].Any() ? new DateTimeOffset(held[session].Min(message => message.LeaseEndsAt), TimeSpan.Zero) : null))
            .OrderByDescending(listing => listing.Held)
            .Take(BrokerLimits.BatchSize)];
    }

    private static long OrderOf(QueuedMessage message, MessageState state) => state switch
    {
        MessageState.Ready => message.Place,
        MessageState.Scheduled => message.DueAt,
        MessageState.Leased => message.LeaseEndsAt,
        _ => message.DeadLetteredAt,
    };

    private static (long Order, MessageId Id) CursorOf(string cursor, MessageState state) =>
        cursor.Split(':') is [var of, var order, var id] && of == state.ToString()
            && long.TryParse(order, CultureInfo.InvariantCulture, out var place) && MessageId.TryParse(id, null, out var message)
            ? (place, message)
            : throw new ArgumentException($"'{cursor}' is no cursor of the {state} messages of this queue.", nameof(cursor));
}
