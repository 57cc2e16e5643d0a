using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace ReliableQueue.Setup;

/// <summary>
/// The range of an option, checked at start; the text names the member, its value, whose it is, and the limits. The framework's own attribute for
/// durations cannot be trimmed and leaves out the value.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class BetweenAttribute : ValidationAttribute
{
    private readonly IComparable least;
    private readonly IComparable most;

    public BetweenAttribute(int least, int most)
    {
        this.least = least;
        this.most = most;
    }

    public BetweenAttribute(string least, string most)
    {
        this.least = TimeSpan.Parse(least, CultureInfo.InvariantCulture);
        this.most = TimeSpan.Parse(most, CultureInfo.InvariantCulture);
    }

    /// <summary>Whose the option is, for options that are not named after what they belong to: <c>the Redis broker</c>. Default: null.</summary>
    public string? Of { get; init; }

    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        var (name, member) = Split(validationContext.DisplayName);
        return FaultOf(member, value, OptionsOwner.Of(validationContext.ObjectType, name)) is { } fault ? new ValidationResult(fault) : ValidationResult.Success;
    }

    /// <summary>What is wrong with a value, in a sentence; null when nothing is. Null is an option that is not set.</summary>
    public string? FaultOf(string member, object? value, string owner) => value is null || (least.CompareTo(value) <= 0 && most.CompareTo(value) >= 0)
        ? null
        : $"{member} ({value}){(Of is null ? "" : " of " + Of)}{owner} must be between {least} and {most}.";

    /// <summary>
    /// The generated validator names a member <c>{name of the options}.{group}.{member}</c>, or begins with the type's name where the options have none. Names of sets
    /// and queues have no capitals, names of members begin with one.
    /// </summary>
    private static (string Name, string Member) Split(string shown)
    {
        var parts = shown.Split('.');
        var members = parts.Reverse().TakeWhile(part => part.Length > 0 && char.IsAsciiLetterUpper(part[0])).Count();
        var name = string.Join('.', parts[..^members]);
        return (name, string.Join('.', parts[^members..].SkipWhile(part => part.EndsWith("Options", StringComparison.Ordinal))));
    }
}
