using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using ReliableQueue.Broker;

namespace ReliableQueue.State;

/// <summary>
/// A row of <see cref="StateTable.Records"/>: what memory keeps of it, which is enough to recall it, and how it is read and written. The whole record, with its payload, is
/// kept only while one of an earlier run is still to be replayed.
/// </summary>
internal sealed class RecordRow
{
    /// <summary>
    /// How many characters of a rejection's error are remembered: enough for the type and the message of an exception. With whole stack traces, the rejections a worker
    /// remembers could fill 400 MB. The file has each error whole. So has the dead letter, unless the message was delivered again before the rejection reached the broker:
    /// then this is what it is dead-lettered with.
    /// </summary>
    public const int ErrorLength = 256;

    // Stored: never reused.
    private const long Rejection = 1;
    private const long Completion = 2;
    private const long Unsent = 3;
    private const long Ack = 1;
    private const long Retry = 2;
    private const long Release = 3;
    private const long DeadLetter = 4;
    private const long AnsweredSettled = 1;
    private const long AnsweredStale = 2;

    private readonly long kind;

    private RecordRow(long row, long kind, StateScope scope, StateRecord record, DateTimeOffset at)
    {
        (Row, this.kind, Scope, Lease, Generation, At) = (row, kind, scope, record.Lease, record.Generation, at);
        Recalled = IsUnsent ? null : record.Settlement is Settlement.DeadLetter rejection ? rejection with { Error = Begin(rejection.Error) } : record.Settlement;
    }

    public long Row { get; }

    public StateScope Scope { get; }

    public HeldLease Lease { get; }

    public int Generation { get; }

    /// <summary>When it was recorded, by the wall clock: what retention counts from.</summary>
    public DateTimeOffset At { get; }

    public bool IsUnsent => kind == Unsent;

    public bool IsCompletion => kind == Completion;

    /// <summary>How the message ended here, should it be delivered again; null when it has not ended.</summary>
    public Settlement? Recalled { get; }

    /// <summary>What the broker answered; null: nothing yet, so the record is replayed at the next start.</summary>
    public SettleResult? Answer { get; set; }

    /// <summary>The columns of <see cref="StateTable.Answers"/> for an answer. Settled and already are one: the broker knows. Stale: the message may come back here.</summary>
    public static object?[] ColumnsOf(SettleResult answer) => [answer == SettleResult.Stale ? AnsweredStale : AnsweredSettled];

    public static SettleResult? AnswerOf(object?[] columns) => columns switch
    {
        [AnsweredSettled] => SettleResult.Settled,
        [AnsweredStale] => SettleResult.Stale,
        _ => null,
    };

    /// <summary>A record that is about to be written.</summary>
    public static RecordRow Of(long row, StateScope scope, StateRecord record, DateTimeOffset now) => record switch
    {
        StateRecord.Rejection rejection => new RecordRow(row, Rejection, scope, record, rejection.RejectedAt),
        StateRecord.Completion => new RecordRow(row, Completion, scope, record, now),
        StateRecord.Unsent => new RecordRow(row, Unsent, scope, record, now),
        _ => throw new UnreachableException(),
    };

    /// <summary>Reads a row whose checksum was right; false all the same when it is not a record this version can have written.</summary>
    public static bool TryRead(long row, object?[] columns, [NotNullWhen(true)] out RecordRow? read, [NotNullWhen(true)] out StateRecord? record)
    {
        (read, record) = (null, null);
        if (columns is not
            [
                long kind, string broker, string queue, byte[] { Length: MessageId.ByteLength } message, long session, long fence, long generation and >= 0 and <= int.MaxValue,
                long ticks and >= 0, long ending, long delay, long reason, var error, var type, long deliveries, var payload,
            ]
            || ticks > DateTimeOffset.MaxValue.UtcTicks || StateScope.Of(broker, queue) is not { } scope
            || SettlementOf(ending, TimeSpan.FromTicks(delay), (DeadLetterReason)reason, error as string) is not { } settlement)
        {
            return false;
        }

        var at = new DateTimeOffset(ticks, TimeSpan.Zero);
        var lease = new HeldLease(MessageId.Read(message), new LeaseToken(new SessionId(session), fence));
        record = kind switch
        {
            Rejection when settlement is Settlement.DeadLetter rejection && type is string typeName && payload is byte[] envelope =>
                new StateRecord.Rejection(lease, (int)generation, rejection, typeName, (int)deliveries, at) { Envelope = envelope },
            Completion => new StateRecord.Completion(lease, (int)generation),
            Unsent => new StateRecord.Unsent(lease, (int)generation, settlement),
            _ => null,
        };
        read = record is null ? null : new RecordRow(row, kind, scope, record, at);
        return record is not null;
    }

    /// <summary>All that the file keeps of the record this row was made of.</summary>
    public object?[] ColumnsOf(StateRecord record)
    {
        var (ending, delay, error) = record.Settlement switch
        {
            Settlement.Ack => (Ack, TimeSpan.Zero, null),
            Settlement.Retry retry => (Retry, retry.Delay, retry.Error),
            Settlement.Release release => (Release, release.Delay, null),
            Settlement.DeadLetter dead => (DeadLetter, TimeSpan.Zero, dead.Error),
            _ => throw new UnreachableException(),
        };
        var reason = (record.Settlement as Settlement.DeadLetter)?.Reason ?? DeadLetterReason.None;
        var rejection = record as StateRecord.Rejection;
        var token = Lease.Token;
        return
        [
            kind, Scope.Broker, Scope.Queue.Value, Lease.Message.ToByteArray(), token.Session.Value, token.Fence, (long)Generation,
            At.UtcTicks, ending, delay.Ticks, (long)reason, error, rejection?.Type, (long)(rejection?.DeliveryCount ?? 0), rejection?.Envelope.ToArray(),
        ];
    }

    private static Settlement? SettlementOf(long ending, TimeSpan delay, DeadLetterReason reason, string? error) => ending switch
    {
        Ack => Settlement.Ack.Plain,
        Retry => new Settlement.Retry(delay, error),
        Release => new Settlement.Release(delay),
        DeadLetter => new Settlement.DeadLetter(reason, error),
        _ => null,
    };

    private static string? Begin(string? error)
    {
        if (error is null || error.Length <= ErrorLength)
        {
            return error;
        }

        // A cut between the halves of a surrogate pair would leave text that is not valid UTF-8.
        return error[..(char.IsHighSurrogate(error[ErrorLength - 1]) ? ErrorLength - 1 : ErrorLength)];
    }
}
