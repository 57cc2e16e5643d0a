using System.Buffers.Binary;
using ReliableQueue.Broker;
using ReliableQueue.Storage;

namespace ReliableQueue.Sqlite;

/// <summary>Reclaims what ran out, promotes what is due, leases.</summary>
internal static class LeaseStep
{
    private const int LeaseLength = MessageId.ByteLength + sizeof(long);

    public static LeaseReply Run(WriteContext context, LeaseRequest request)
    {
        var queue = context.FindOrCreateQueue(request.Queue);
        if (CallTable.IsFenced(context.Connection, queue, request.Call.Session))
        {
            return Nothing(new CallAnswer(CallStanding.Fenced, queue.Epoch, StateRegressed: false));
        }

        var call = CallTable.Judge(context.Connection, queue, request.Call);
        return call.Standing switch
        {
            CallStanding.Applied => Apply(context, queue, request, call),
            CallStanding.Repeated => Repeat(context, queue, request, call),
            _ => Nothing(call.Answer(queue)),
        };
    }

    private static LeaseReply Nothing(CallAnswer answer) => new(answer, [], Reclaimed: 0, DeadLettered: 0, NextDue: null);

    private static LeaseReply Apply(WriteContext context, QueueRow queue, LeaseRequest request, CallRow call)
    {
        var damaged = new List<byte[]>();
        var expired = MessageTable.InLine(context.Connection, queue, Line.Leased, context.Now, BrokerLimits.BatchSize, damaged);
        var (reclaimed, dead) = WorkerLoss.End(context, queue, expired, request.MaxDeliveries);
        var promoted = Promote(context, queue, damaged);
        var isPaused = queue.PausedUntil > context.UtcNow;
        var leased = isPaused ? [] : Take(context, queue, request, damaged);

        // A message that cannot be given out any more is a loss, and the call that meets it says so.
        var answer = call with { Regressed = context.ReportDamage(queue, damaged) || call.Regressed };

        // The leases and the call that gave them are one transaction: a call repeated after a lost answer finds both or neither.
        CallTable.Record(context, queue, request.Call, answer.Regressed, Stored(leased));
        if (!isPaused && reclaimed + promoted > leased.Count)
        {
            context.Wake();
        }

        return new LeaseReply(answer.Answer(queue), leased, reclaimed, dead, NextDue(context, queue));
    }

    private static int Promote(WriteContext context, QueueRow queue, List<byte[]> damaged)
    {
        var due = MessageTable.InLine(context.Connection, queue, Line.Scheduled, context.UtcNow, BrokerLimits.BatchSize, damaged);
        foreach (var row in due)
        {
            MessageTable.MoveToReady(context.Connection, queue, row);
        }

        return due.Count;
    }

    private static List<LeasedMessage> Take(WriteContext context, QueueRow queue, LeaseRequest request, List<byte[]> damaged)
    {
        var suspects = MessageTable.InLine(context.Connection, queue, Line.Suspect, long.MaxValue, Math.Min(request.MaxSuspects, request.MaxMessages), damaged);
        var rows = MessageTable.InLine(context.Connection, queue, Line.Ready, long.MaxValue, request.MaxMessages - suspects.Count, damaged);
        rows.InsertRange(0, suspects);
        var leased = new List<LeasedMessage>(rows.Count);
        if (rows.Count == 0)
        {
            return leased;
        }

        var fence = queue.NextFences(rows.Count, context.UtcNow);
        var deadline = context.Now + BrokerEnvironment.Microseconds(request.VisibilityTimeout);
        var bytes = 0L;
        foreach (var row in rows.TakeWhile(_ => bytes < request.MaxBytes || leased.Count == 0))
        {
            if (EnvelopeTable.Read(context.Connection, row) is not { } envelope)
            {
                // Out of the line, or every lease call would read it again.
                MessageTable.Move(context.Connection, queue, row with { Line = Line.Damaged, Place = queue.NextNumber() });
                damaged.Add(row.Id.ToByteArray());
                continue;
            }

            // Counted now, not when it fails: a worker that dies must not get a free delivery.
            var token = new LeaseToken(request.Call.Session, fence++);
            var taken = row with { Line = Line.Leased, Place = deadline, Deliveries = row.Deliveries + 1, Token = token, Settled = SettledAs.Not };
            MessageTable.Move(context.Connection, queue, taken);
            leased.Add(Message(taken, envelope));
            bytes += envelope.Length;
        }

        return leased;
    }

    /// <summary>
    /// The same leases again, as far as their tokens still hold, lasting a whole visibility timeout from now, because the caller counts from its latest try.
    /// Nothing is reclaimed, promoted or counted.
    /// </summary>
    private static LeaseReply Repeat(WriteContext context, QueueRow queue, LeaseRequest request, CallRow call)
    {
        var leased = new List<LeasedMessage>();
        var deadline = context.Now + BrokerEnvironment.Microseconds(request.VisibilityTimeout);
        for (var rest = call.Leases.AsSpan(); rest.Length >= LeaseLength; rest = rest[LeaseLength..])
        {
            var token = new LeaseToken(request.Call.Session, BinaryPrimitives.ReadInt64BigEndian(rest[MessageId.ByteLength..]));
            if (MessageTable.Find(context.Connection, queue, MessageId.Read(rest[..MessageId.ByteLength])) is { Line: Line.Leased } row && row.Token == token
                && EnvelopeTable.Read(context.Connection, row) is { } envelope)
            {
                MessageTable.Move(context.Connection, queue, row with { Place = deadline });
                leased.Add(Message(row, envelope));
            }
        }

        return Nothing(call.Answer(queue)) with { Messages = leased, NextDue = NextDue(context, queue) };
    }

    private static LeasedMessage Message(MessageRow row, byte[] envelope) =>
        new(new HeldLease(row.Id, row.Token), envelope, row.Deliveries, row.Losses) { Generation = row.Generation };

    private static byte[] Stored(List<LeasedMessage> leased)
    {
        var stored = new byte[leased.Count * LeaseLength];
        for (var i = 0; i < leased.Count; i++)
        {
            var place = stored.AsSpan(i * LeaseLength);
            leased[i].Lease.Message.WriteTo(place);
            BinaryPrimitives.WriteInt64BigEndian(place[MessageId.ByteLength..], leased[i].Lease.Token.Fence);
        }

        return stored;
    }

    /// <summary>
    /// How long until a look can find something, unless somebody enqueues: the next message is due, a lease ends that somebody may have died with, or the pause ends.
    /// </summary>
    private static TimeSpan? NextDue(WriteContext context, QueueRow queue)
    {
        var isPaused = queue.PausedUntil > context.UtcNow;
        if (!isPaused && MessageTable.First(context.Connection, queue, Line.Ready) is not null)
        {
            return null;
        }

        long?[] waits =
        [
            MessageTable.First(context.Connection, queue, Line.Scheduled) - context.UtcNow,
            MessageTable.First(context.Connection, queue, Line.Leased) - context.Now,
            isPaused && queue.PausedUntil != QueueRow.WithoutEnd ? queue.PausedUntil - context.UtcNow : null,
        ];
        return waits.Min() is { } wait ? TimeSpan.FromMicroseconds(Math.Max(0, wait)) : null;
    }
}
