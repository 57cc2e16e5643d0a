using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace ReliableQueue;

/// <summary>The name of a queue: 1 to 64 of a–z, 0–9, '.', '_' and '-', starting with a letter or a digit. No braces or colons: it becomes part of a key.</summary>
[JsonConverter(typeof(ParsableJsonConverter<QueueName>))]
[TypeConverter(typeof(ParsableTypeConverter<QueueName>))]
public sealed partial record QueueName : ISpanParsable<QueueName>
{
    private QueueName(string value) => Value = value;

    /// <summary>The name as text.</summary>
    public string Value { get; }

    /// <summary>Checks a name.</summary>
    /// <param name="name">The name to check.</param>
    /// <exception cref="ArgumentException">The name breaks the rule; the text says which name and what the rule is.</exception>
    public static QueueName Parse(string? name) => TryParse(name, null, out var queue) ? queue : throw new ArgumentException(Fault(name), nameof(name));

    /// <summary>Checks a name.</summary>
    /// <param name="name">The name to check.</param>
    /// <param name="queue">The name of a queue, when it is one.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse([NotNullWhen(true)] string? name, [NotNullWhen(true)] out QueueName? queue) => TryParse(name, null, out queue);

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, [NotNullWhen(true)] out QueueName? result)
    {
        result = s is not null && Rule().IsMatch(s) ? new QueueName(s) : null;
        return result is not null;
    }

    /// <inheritdoc/>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, [NotNullWhen(true)] out QueueName? result) => TryParse(s.ToString(), provider, out result);

    /// <inheritdoc/>
    static QueueName IParsable<QueueName>.Parse(string s, IFormatProvider? provider)
    {
        ArgumentNullException.ThrowIfNull(s);
        return TryParse(s, provider, out var queue) ? queue : throw new FormatException(Fault(s));
    }

    /// <inheritdoc/>
    static QueueName ISpanParsable<QueueName>.Parse(ReadOnlySpan<char> s, IFormatProvider? provider) =>
        TryParse(s, provider, out var queue) ? queue : throw new FormatException(Fault(s.ToString()));

    /// <summary>What is wrong with a name, or null when nothing is.</summary>
    internal static string? FaultOf(string? name) => name is not null && Rule().IsMatch(name) ? null : Fault(name);

    /// <summary>The name as text.</summary>
    public override string ToString() => Value;

    private static string Fault(string? name) =>
        $"Queue name {Shown(name)} must be 1 to 64 characters of a-z, 0-9, '.', '_' and '-', starting with a letter or a digit.";

    private static string Shown(string? name)
    {
        if (name is null)
        {
            return "(null)";
        }

        var shown = new StringBuilder("'");
        foreach (var character in name.AsSpan(0, Math.Min(name.Length, 64)))
        {
            _ = character is >= ' ' and <= '~' ? shown.Append(character) : shown.Append("\\u").Append(((int)character).ToString("x4", null));
        }

        return shown.Append(name.Length > 64 ? "…'" : "'").ToString();
    }

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9._-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Rule();
}
