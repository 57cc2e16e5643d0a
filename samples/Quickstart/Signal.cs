using System.Globalization;

namespace Quickstart;

/// <summary>One line of a worker's standard output.</summary>
/// <param name="Word">What happened.</param>
/// <param name="Message">To which message; empty when to none.</param>
/// <param name="Number">See <see cref="SignalWord"/>.</param>
internal sealed record Signal(SignalWord Word, string Message, double Number)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Word} {Message} {Number}");

    public static Signal? Parse(string line) =>
        line.Split(' ') is [var word, var message, var number] && Enum.TryParse<SignalWord>(word, out var known)
            && double.TryParse(number, CultureInfo.InvariantCulture, out var value)
            ? new Signal(known, message, value)
            : null;
}
