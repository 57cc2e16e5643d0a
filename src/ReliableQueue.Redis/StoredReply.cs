using System.Buffers.Binary;
using System.Text;
using ReliableQueue.Broker;

namespace ReliableQueue.Redis;

/// <summary>Reads what scripts answer to operators: views of messages (views.lua), and sessions.</summary>
internal static class StoredReply
{
    // id(16)‖state(1)‖count(4)‖losses(4)‖generation(4)‖time(8)‖session(8)‖reason(4).
    private const int FactsLength = MessageId.ByteLength + 33;

    public static byte[] Code(MessageState state) => state switch
    {
        MessageState.Ready => "R"u8.ToArray(),
        MessageState.Scheduled => "S"u8.ToArray(),
        MessageState.Leased => "L"u8.ToArray(),
        MessageState.DeadLettered => "D"u8.ToArray(),
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "There is no such state."),
    };

    /// <summary>The messages of a reply, from one of its items on.</summary>
    public static IEnumerable<StoredMessage> Messages(byte[][] reply, int from)
    {
        ScriptReply.Expect((reply.Length - from) % 3 == 0, "the answer has the wrong length");
        return reply.Skip(from).Chunk(3).Select(item => Message(item[0], ScriptReply.Error(item[1]), item[2]));
    }

    /// <summary>What a worker says of itself, as it is stored.</summary>
    public static byte[] Said(int concurrency, string worker)
    {
        var text = Encoding.UTF8.GetBytes(worker);
        var bytes = new byte[sizeof(int) + text.Length];
        BinaryPrimitives.WriteInt32BigEndian(bytes, concurrency);
        text.CopyTo(bytes, sizeof(int));
        return bytes;
    }

    /// <summary>The sessions of a reply, from one of its items on.</summary>
    public static IEnumerable<WorkerListing> Workers(byte[][] reply, int from)
    {
        ScriptReply.Expect((reply.Length - from) % 4 == 0, "the answer has the wrong length");
        return reply.Skip(from).Chunk(4).Select(item =>
        {
            var (said, first) = (item[3], ScriptReply.Number(item[2]));
            return new WorkerListing(
                new SessionId(BinaryPrimitives.ReadInt64BigEndian(item[0])),
                said.Length < sizeof(int) ? null : Encoding.UTF8.GetString(said.AsSpan(sizeof(int))),
                said.Length < sizeof(int) ? null : BinaryPrimitives.ReadInt32BigEndian(said),
                (int)ScriptReply.Number(item[1]),
                first < 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(first));
        });
    }

    /// <summary>Two parts of what one session holds.</summary>
    public static WorkerListing Sum(WorkerListing one, WorkerListing other) => one with
    {
        Worker = one.Worker ?? other.Worker,
        Concurrency = one.Concurrency ?? other.Concurrency,
        Held = one.Held + other.Held,
        EarliestLeaseEnd = one.EarliestLeaseEnd is { } first && other.EarliestLeaseEnd is { } second
            ? (first < second ? first : second)
            : one.EarliestLeaseEnd ?? other.EarliestLeaseEnd,
    };

    private static StoredMessage Message(byte[] facts, string? error, byte[] envelope)
    {
        ScriptReply.Expect(facts.Length == FactsLength, "a message has the wrong length");
        var state = facts[MessageId.ByteLength] switch
        {
            (byte)'R' => MessageState.Ready,
            (byte)'S' => MessageState.Scheduled,
            (byte)'L' => MessageState.Leased,
            _ => MessageState.DeadLettered,
        };
        var numbers = facts.AsSpan(MessageId.ByteLength + 1);
        var time = DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(numbers[12..]));
        return new StoredMessage(MessageId.Read(facts.AsSpan(0, MessageId.ByteLength)), envelope, state, BinaryPrimitives.ReadInt32BigEndian(numbers))
        {
            WorkerLosses = BinaryPrimitives.ReadInt32BigEndian(numbers[4..]),
            Generation = BinaryPrimitives.ReadInt32BigEndian(numbers[8..]),
            DueAt = state == MessageState.Scheduled ? time : null,
            LeasedBy = state == MessageState.Leased ? new SessionId(BinaryPrimitives.ReadInt64BigEndian(numbers[20..])) : null,
            LeaseEndsAt = state == MessageState.Leased ? time : null,
            DeadLetterReason = state == MessageState.DeadLettered ? (DeadLetterReason)BinaryPrimitives.ReadInt32BigEndian(numbers[28..]) : null,
            DeadLetteredAt = state == MessageState.DeadLettered ? time : null,
            Error = error,
        };
    }
}
