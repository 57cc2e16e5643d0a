using System.Text.RegularExpressions;

namespace ReliableQueue.Tests.Architecture;

/// <summary>Which types a file declares, outside of any other type.</summary>
internal static partial class SourceTypes
{
    /// <param name="code">As <see cref="SourceText.CodeOf"/> leaves it.</param>
    public static IReadOnlyList<string> DeclaredIn(string code)
    {
        var topLevel = DropBraces(code);
        return [.. Declaration().Matches(topLevel).Select(match => match.Groups["name"].Value).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>What stands in braces is a member or a nested type, except in a namespace with a block.</summary>
    private static string DropBraces(string code)
    {
        var kept = new List<char>(code.Length);
        var depth = 0;
        foreach (var character in BlockNamespace().Replace(code, " "))
        {
            depth += character == '{' ? 1 : 0;
            if (depth == 0)
            {
                kept.Add(character);
            }

            depth -= character == '}' && depth > 0 ? 1 : 0;
        }

        return new string([.. kept]);
    }

    [GeneratedRegex(@"\b(?:class|interface|enum|struct|record(?:\s+(?:class|struct))?|delegate\s+[\w<>\[\]?,. ]+?)\s+(?<name>[A-Z]\w*)(?=\s|[<({:;]|$)")]
    private static partial Regex Declaration();

    [GeneratedRegex(@"^\s*namespace\s+[\w.]+\s*\{", RegexOptions.Multiline)]
    private static partial Regex BlockNamespace();
}
