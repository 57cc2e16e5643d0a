using System.Diagnostics;
using System.Globalization;

namespace ReliableQueue.FaultWorker;

/// <summary>One line of the effect log.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Process">Id of the process it happened in.</param>
/// <param name="At">When, on the machine's monotonic clock, which all processes share.</param>
/// <param name="Message">The message; default for the host.</param>
/// <param name="DeliveryCount">Which delivery of it.</param>
/// <param name="Fence">The fence of that delivery.</param>
public sealed record Effect(EffectKind Kind, int Process, long At, MessageId Message, int DeliveryCount, long Fence)
{
    private const int Fields = 6;

    public static Effect? Parse(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        var fields = line.Split(' ');

        // A process killed while it writes leaves half a line at the end: what it stood for is not known to have happened.
        return fields.Length == Fields && Enum.TryParse(fields[0], out EffectKind kind) && MessageId.TryParse(fields[3], out var message) && fields[5].EndsWith('.')
            ? new Effect(kind, Number(fields[1]), long.Parse(fields[2], CultureInfo.InvariantCulture), message, Number(fields[4]), long.Parse(fields[5].TrimEnd('.'), CultureInfo.InvariantCulture))
            : null;
    }

    /// <summary>How long after an earlier effect, of any process, this one came.</summary>
    public TimeSpan Since(Effect earlier)
    {
        ArgumentNullException.ThrowIfNull(earlier);
        return Stopwatch.GetElapsedTime(earlier.At, At);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Kind} {Process} {At} {Message} {DeliveryCount} {Fence}.");

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
