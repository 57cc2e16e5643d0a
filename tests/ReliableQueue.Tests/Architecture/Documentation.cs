using System.Text.RegularExpressions;

namespace ReliableQueue.Tests.Architecture;

/// <summary>What the README and the pages of docs say, in the forms the checks need.</summary>
internal static partial class Documentation
{
    public static IEnumerable<string> Pages => SourceTree.Files("docs", ".md").Prepend("README.md").Concat(SourceTree.Files("src", ".md"));

    /// <summary>The C# blocks of a page, each with the name its marker gives it; null when it has none.</summary>
    public static IEnumerable<(string? Name, string Code)> Snippets(string text) =>
        Block().Matches(text.ReplaceLineEndings("\n")).Select(match => (match.Groups["name"].Success ? match.Groups["name"].Value : null, match.Groups["code"].Value.TrimEnd()));

    /// <summary>The JSON blocks of a page.</summary>
    public static IEnumerable<string> Json(string text) => JsonBlock().Matches(text.ReplaceLineEndings("\n")).Select(match => match.Groups["json"].Value);

    /// <summary>The compiled regions of a file of code, without the indentation they share.</summary>
    public static IEnumerable<(string Name, string Code)> Regions(string source) =>
        Region().Matches(source.ReplaceLineEndings("\n")).Select(match => (match.Groups["name"].Value.Trim(), Outdent(match.Groups["code"].Value)));

    /// <summary>The cells of the table row that begins with a name, below a heading; null when there is none.</summary>
    public static string[]? Row(string text, string heading, string name)
    {
        var section = text.Split($"## {heading}\n").ElementAtOrDefault(1)?.Split("\n## ")[0];
        return section?.Split('\n').FirstOrDefault(line => line.StartsWith($"| `{name}` |", StringComparison.Ordinal))?.Trim('|').Split(" | ");
    }

    private static string Outdent(string code)
    {
        var lines = code.TrimEnd().Split('\n');
        var indent = lines.Where(line => line.Length > 0).Select(line => line.Length - line.TrimStart().Length).DefaultIfEmpty().Min();
        return string.Join('\n', lines.Select(line => line.Length == 0 ? line : line[indent..]));
    }

    [GeneratedRegex(@"(?:<!-- snippet: (?<name>[\w.-]+) -->\n)?```csharp\n(?<code>.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"```json\n(?<json>.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex JsonBlock();

    [GeneratedRegex(@"#region (?<name>[^\n]+)\n(?<code>.*?)\n[ \t]*#endregion", RegexOptions.Singleline)]
    private static partial Regex Region();
}
