using System.Globalization;

namespace ReliableQueue.Comparison;

/// <summary>One line of the journal: a handler of a message was entered, or is about to return.</summary>
/// <param name="IsStart">Entered, not about to return.</param>
/// <param name="Number">The message.</param>
/// <param name="Microseconds">When, on the clock of the journal's server.</param>
internal sealed record Entry(bool IsStart, int Number, long Microseconds)
{
    public static Entry Parse(string line) => line.Split(' ') is [var word, var number, var at]
        ? new Entry(word == "start", int.Parse(number, CultureInfo.InvariantCulture), (long)double.Parse(at, CultureInfo.InvariantCulture))
        : throw new FormatException($"The journal has a line '{line}'.");
}
