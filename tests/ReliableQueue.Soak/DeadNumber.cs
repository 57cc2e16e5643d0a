using System.Buffers.Text;
using ReliableQueue.Broker;

namespace ReliableQueue.Soak;

/// <summary>The number in the body of a dead letter, read from its bytes: that they are all there is part of what is looked for.</summary>
internal static class DeadNumber
{
    private const long Unreadable = -1;

    public static long Of(StoredMessage letter)
    {
        var bytes = letter.Envelope.Span;
        var name = bytes.IndexOf("umber\":"u8);
        return name >= 0 && Utf8Parser.TryParse(bytes[(name + 7)..], out long number, out _) ? number : Unreadable;
    }
}
