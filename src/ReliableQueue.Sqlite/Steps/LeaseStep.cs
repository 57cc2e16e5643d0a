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
        var name = request.Queue;
        var queue = QueueTable.FindOrCreate(context, name);
        if (CallTable.IsFenced(context, queue, request.Call.Session))
        {
            return Nothing(new CallAnswer(CallStanding.Fenced, queue.Epoch, StateRegressed: false));
        }

        var call = CallTable.Judge(context, queue, request.Call);
        return call.Standing switch
        {
            CallStanding.Applied => Apply(context, name, queue, request, call),
            CallStanding.Repeated => Repeat(context, queue, request, call),
            _ => Nothing(call.Answer(queue)),
        };
    }

    private static LeaseReply Nothing(CallAnswer answer) => new(answer, [], Reclaimed: 0, DeadLettered: 0, NextDue: null);

    private static LeaseReply Apply(WriteContext context, QueueName name, QueueRow queue, LeaseRequest request, CallRow call)
    {
        var expired = MessageTable.InLine(context, queue, Line.Leased, context.Now, BrokerLimits.BatchSize);
        var (reclaimed, dead) = WorkerLoss.End(context, queue, expired, request.MaxDeliveries);
        var promoted = Promote(context, queue);
        var leased = Take(context, queue, request);

        // The leases and the call that gave them are one transaction: a call repeated after a lost answer finds both or neither.
        CallTable.Record(context, queue, request.Call, call.Regressed, Stored(leased));
        if (reclaimed + promoted > leased.Count)
        {
            context.Wake(name);
        }

        return new LeaseReply(call.Answer(queue), leased, reclaimed, dead, NextDue(context, queue));
    }

    private static int Promote(WriteContext context, QueueRow queue)
    {
        var due = MessageTable.InLine(context, queue, Line.Scheduled, context.UtcNow, BrokerLimits.BatchSize);
        foreach (var row in due)
        {
            MessageTable.MoveToReady(context, queue, row);
        }

        return due.Count;
    }

    private static List<LeasedMessage> Take(WriteContext context, QueueRow queue, LeaseRequest request)
    {
        var rows = MessageTable.InLine(context, queue, Line.Suspect, long.MaxValue, Math.Min(request.MaxSuspects, request.MaxMessages));
        rows.AddRange(MessageTable.InLine(context, queue, Line.Ready, long.MaxValue, request.MaxMessages - rows.Count));
        var leased = new List<LeasedMessage>(rows.Count);
        if (rows.Count == 0)
        {
            return leased;
        }

        var fence = QueueTable.NextFences(context, queue, rows.Count);
        var deadline = context.Now + BrokerEnvironment.Microseconds(request.VisibilityTimeout);
        var bytes = 0L;
        foreach (var row in rows.TakeWhile(_ => bytes < request.MaxBytes || leased.Count == 0))
        {
            // Counted now, not when it fails: a worker that dies must not get a free delivery.
            var token = new LeaseToken(request.Call.Session, fence++);
            var taken = row with { State = Line.Leased, Deliveries = row.Deliveries + 1, Token = token, Settled = SettledAs.Not };
            MessageTable.Move(context, queue, taken, deadline);
            leased.Add(Message(context, taken));
            bytes += leased[^1].Envelope.Length;
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
            if (MessageTable.Find(context, queue, MessageId.Read(rest[..MessageId.ByteLength])) is { State: Line.Leased } row && row.Token == token)
            {
                MessageTable.Move(context, queue, row, deadline);
                leased.Add(Message(context, row));
            }
        }

        return Nothing(call.Answer(queue)) with { Messages = leased, NextDue = NextDue(context, queue) };
    }

    private static LeasedMessage Message(WriteContext context, MessageRow row) =>
        new(new HeldLease(row.Id, row.Token), EnvelopeTable.Read(context.Connection, row.Envelope), row.Deliveries, row.Losses);

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

    private static TimeSpan? NextDue(WriteContext context, QueueRow queue) =>
        MessageTable.First(context.Connection, queue, Line.Ready) is null
            && MessageTable.First(context.Connection, queue, Line.Scheduled) is { } due
            ? TimeSpan.FromMicroseconds(Math.Max(0, due - context.UtcNow))
            : null;
}
