using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace ReliableQueue.Working.Life;

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

    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        // Null is an option that is not set.
        if (value is null || (least.CompareTo(value) <= 0 && most.CompareTo(value) >= 0))
        {
            return ValidationResult.Success;
        }

        // The generated validator gives the options' name as "{name}.{member}".
        var (shown, member) = (validationContext.DisplayName, validationContext.MemberName ?? string.Empty);
        var name = shown.EndsWith("." + member, StringComparison.Ordinal) ? shown[..^(member.Length + 1)] : string.Empty;
        return new ValidationResult($"{member} ({value}){OptionsOwner.Of(validationContext.ObjectType, name)} must be between {least} and {most}.");
    }
}
