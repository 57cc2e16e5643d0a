using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using ReliableQueue.Broker;
using ReliableQueue.Messages;

namespace ReliableQueue.State;

/// <summary>A record as the columns of <see cref="StateTable.Records"/>, and back.</summary>
internal static class RecordRow
{
    private const long Ack = 1;
    private const long Retry = 2;
    private const long Release = 3;
    private const long DeadLetter = 4;

    public static RecordKind KindOf(StateRecord record) => record switch
    {
        StateRecord.Rejection => RecordKind.Rejection,
        StateRecord.Completion => RecordKind.Completion,
        StateRecord.Unsent => RecordKind.Unsent,
        _ => throw new UnreachableException(),
    };

    /// <summary>When the record was made, for retention.</summary>
    public static DateTimeOffset TimeOf(StateRecord record, DateTimeOffset now) => record is StateRecord.Rejection rejection ? rejection.RejectedAt : now;

    public static object?[] Write(StateRecord record, DateTimeOffset at)
    {
        var settlement = record switch
        {
            StateRecord.Unsent unsent => unsent.Settlement,
            StateRecord.Rejection refused => refused.Settlement,
            _ => Settlement.Ack.Plain,
        };
        var (ending, delay) = settlement switch
        {
            Settlement.Ack => (Ack, TimeSpan.Zero),
            Settlement.Retry retry => (Retry, retry.Delay),
            Settlement.Release release => (Release, release.Delay),
            Settlement.DeadLetter => (DeadLetter, TimeSpan.Zero),
            _ => throw new UnreachableException(),
        };
        var deadLetter = settlement as Settlement.DeadLetter;
        var error = deadLetter?.Error ?? (settlement as Settlement.Retry)?.Error;
        var rejection = record as StateRecord.Rejection;
        var (message, token) = record.Lease;
        return
        [
            (long)KindOf(record), record.Scope.Broker, record.Scope.Queue.Value, message.ToByteArray(), token.Session.Value, token.Fence, (long)record.Generation,
            at.UtcTicks, ending, delay.Ticks, (long)(deadLetter?.Reason ?? DeadLetterReason.None), error,
            rejection?.Type, (long)(rejection?.DeliveryCount ?? 0), rejection?.Envelope.ToArray(),
        ];
    }

    /// <summary>Reads a row whose checksum was right; false all the same when it is not a record this version can have written.</summary>
    public static bool TryRead(object?[] columns, [NotNullWhen(true)] out StateRecord? record, out DateTimeOffset at)
    {
        (record, at) = (null, default);
        if (columns is not
            [
                long kind, string broker, string queue, byte[] { Length: MessageId.ByteLength } message, long session, long fence, long generation,
                long ticks and >= 0, long ending, long delay, long reason, var error, var type, long deliveries, var payload,
            ]
            || ticks > DateTimeOffset.MaxValue.UtcTicks || QueueName.FaultOf(queue) is not null
            || SettlementOf(ending, TimeSpan.FromTicks(delay), (DeadLetterReason)reason, error as string) is not { } settlement)
        {
            return false;
        }

        at = new DateTimeOffset(ticks, TimeSpan.Zero);
        var scope = new StateScope(broker, QueueName.Parse(queue));
        var lease = new HeldLease(MessageId.Read(message), new LeaseToken(new SessionId(session), fence));
        record = (RecordKind)kind switch
        {
            RecordKind.Rejection when settlement is Settlement.DeadLetter refused && type is string typeName && payload is byte[] envelope =>
                new StateRecord.Rejection(scope, lease, (int)generation, typeName, refused, (int)deliveries, at, envelope),
            RecordKind.Completion => new StateRecord.Completion(scope, lease, (int)generation),
            RecordKind.Unsent => new StateRecord.Unsent(scope, lease, (int)generation, settlement),
            _ => null,
        };
        return record is not null;
    }

    private static Settlement? SettlementOf(long ending, TimeSpan delay, DeadLetterReason reason, string? error) => ending switch
    {
        Ack => Settlement.Ack.Plain,
        Retry => new Settlement.Retry(delay, error),
        Release => new Settlement.Release(delay),
        DeadLetter => new Settlement.DeadLetter(reason, error),
        _ => null,
    };
}
