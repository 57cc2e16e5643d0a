using System.Diagnostics;
using System.Globalization;

namespace ReliableQueue.FaultWorker;

/// <summary>One line of the effect log.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Process">Id of the process it happened in.</param>
/// <param name="At">When, on the machine's monotonic clock, which all processes share.</param>
/// <param name="Message">The message; default for the host.</param>
/// <param name="DeliveryCount">Which delivery of it; 0 for a record.</param>
/// <param name="Fence">The fence of that delivery.</param>
/// <param name="Number">The number its producer gave it; 0 when it gave none, and for a record. Of the host: a number that stands for its state file.</param>
/// <param name="IsLeaseValid">What the worker knew of its lease, asked after <paramref name="At"/>.</param>
public sealed record Effect(EffectKind Kind, int Process, long At, MessageId Message, int DeliveryCount, long Fence, long Number, bool IsLeaseValid)
{
    private const int Fields = 8;
    private const string Valid = "valid.";
    private const string Invalid = "over.";

    public static Effect? Parse(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        var fields = line.Split(' ');

        // A process killed while it writes leaves half a line at the end: what it stood for is not known to have happened.
        return fields.Length == Fields && Enum.TryParse(fields[0], out EffectKind kind) && MessageId.TryParse(fields[3], out var message) && fields[7] is Valid or Invalid
            ? new Effect(kind, (int)Whole(fields[1]), Whole(fields[2]), message, (int)Whole(fields[4]), Whole(fields[5]), Whole(fields[6]), fields[7] == Valid)
            : null;
    }

    /// <summary>How long after an earlier effect, of any process, this one came.</summary>
    public TimeSpan Since(Effect earlier)
    {
        ArgumentNullException.ThrowIfNull(earlier);
        return Stopwatch.GetElapsedTime(earlier.At, At);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Kind} {Process} {At} {Message} {DeliveryCount} {Fence} {Number} {(IsLeaseValid ? Valid : Invalid)}");

    private static long Whole(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
