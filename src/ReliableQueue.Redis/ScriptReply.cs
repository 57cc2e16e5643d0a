using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;
using ReliableQueue.Broker;

namespace ReliableQueue.Redis;

/// <summary>Reads the flat replies of scripts.</summary>
internal static class ScriptReply
{
    private const int MemberLength = MessageId.ByteLength + LeaseToken.ByteLength;

    // The beginning of a record (record.lua): count(4)‖losses(4)‖generation(4).
    private const int CountsLength = 12;

    public static long Number(byte[] item) =>
        Utf8Parser.TryParse(item, out long number, out var used) && used == item.Length
            ? number
            : throw Damaged($"'{Encoding.UTF8.GetString(item)}' is no number");

    /// <summary>The layout of a queue that is older than this client, when that is what the script answers (layout.lua); null otherwise.</summary>
    public static string? OlderLayout(byte[][] reply) =>
        reply.Length == 2 && reply[0].AsSpan().SequenceEqual("RQMIGRATE"u8) ? Encoding.UTF8.GetString(reply[1]) : null;

    public static CallAnswer Answer(byte[][] reply)
    {
        Expect(reply.Length >= 3, "the answer is too short");
        return new CallAnswer((CallStanding)Number(reply[0]), Number(reply[1]), Number(reply[2]) != 0);
    }

    public static LeaseReply Lease(byte[][] reply)
    {
        Expect(reply.Length >= 6 && reply.Length % 2 == 0, "the answer has the wrong length");
        var messages = new LeasedMessage[(reply.Length - 6) / 2];
        for (var i = 0; i < messages.Length; i++)
        {
            messages[i] = Message(reply[6 + (2 * i)], reply[7 + (2 * i)]);
        }

        var nextDue = Number(reply[5]);
        return new LeaseReply(
            Answer(reply), messages, (int)Number(reply[3]), (int)Number(reply[4]), nextDue < 0 ? null : TimeSpan.FromMilliseconds(nextDue));
    }

    /// <summary>The digits of a reply, one per item asked about.</summary>
    public static T[] Digits<T>(byte[][] reply, int count)
        where T : struct, Enum
    {
        Expect(reply.Length == 1 && reply[0].Length == count, "the number of results differs from the number asked about");
        return Array.ConvertAll(reply[0], digit => (T)Enum.ToObject(typeof(T), digit - '0'));
    }

    /// <summary>An error text as scripts store it: '-', or '+' and the text.</summary>
    public static string? Error(ReadOnlySpan<byte> error) => error is [(byte)'+', .. var text] ? Encoding.UTF8.GetString(text) : null;

    public static void Expect(bool condition, string fault)
    {
        if (!condition)
        {
            throw Damaged(fault);
        }
    }

    private static int Count(ReadOnlySpan<byte> counts, int index) => BinaryPrimitives.ReadInt32BigEndian(counts[(4 * index)..]);

    private static LeasedMessage Message(byte[] head, byte[] envelope)
    {
        Expect(head.Length is MemberLength or MemberLength + CountsLength, "a lease has the wrong length");
        var lease = new HeldLease(MessageId.Read(head.AsSpan(0, MessageId.ByteLength)), LeaseToken.Read(head.AsSpan(MessageId.ByteLength)));
        if (head.Length == MemberLength)
        {
            return new LeasedMessage(lease, envelope, 1, 0);
        }

        var counts = head.AsSpan(MemberLength);
        return new LeasedMessage(lease, envelope, Count(counts, 0), Count(counts, 1)) { Generation = Count(counts, 2) };
    }

    // Another program behind the same address, or another library version: the call itself may have been done.
    private static BrokerException Damaged(string fault) => new(BrokerFault.Unknown, $"The answer of a Redis script cannot be read: {fault}.");
}
