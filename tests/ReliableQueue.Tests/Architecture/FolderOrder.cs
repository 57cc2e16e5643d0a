using System.Text.RegularExpressions;

namespace ReliableQueue.Tests.Architecture;

/// <summary>The path of a message, as folders: each uses only itself and those before it.</summary>
internal sealed partial class FolderOrder
{
    private const string Root = "";

    private static readonly string[] Path =
    [
        Root,
        "Diagnostics",
        "Messages",
        "Broker",
        "State",
        "Producing",
        "Operating",
        "Working/Lease",
        "Working/Handle",
        "Working/Settle",
        "Working",
        "Working/Life",
        "Setup",
    ];

    private readonly List<(string Name, int Rank, string Code)> files = [];
    private readonly Dictionary<string, int> owners = [];

    /// <param name="file">Relative to the project, with forward slashes.</param>
    /// <param name="source">Its text.</param>
    public void Add(string file, string source)
    {
        var rank = RankOf(file);
        var code = SourceText.CodeOf(source);
        files.Add((file, rank, code));
        foreach (var type in SourceTypes.DeclaredIn(code))
        {
            // A type declared in two folders (a partial one) belongs to the earlier.
            owners[type] = owners.TryGetValue(type, out var owner) ? Math.Min(owner, rank) : rank;
        }
    }

    public IReadOnlyList<string> Faults()
    {
        var faults = new List<string>();
        foreach (var (name, rank, code) in files)
        {
            if (rank < 0)
            {
                faults.Add($"{name} lies in no folder of the path: {string.Join(" → ", Path)}.");
                continue;
            }

            var further = Use().Matches(code).Select(match => match.Groups["type"].Value).Distinct().Where(word => owners.TryGetValue(word, out var owner) && owner > rank);
            faults.AddRange(further.Select(type => $"{name} uses {type}, which lives further down the path ({Path[owners[type]]})."));
        }

        return faults;
    }

    /// <summary>The longest folder that matches: a file in Working/Lease is not one of Working. A file in no folder is what an application writes.</summary>
    private static int RankOf(string file) => file.Contains('/', StringComparison.Ordinal)
        ? Array.IndexOf(Path, Path.Where(folder => folder != Root && file.StartsWith(folder + "/", StringComparison.Ordinal)).MaxBy(folder => folder.Length))
        : Array.IndexOf(Path, Root);

    /// <summary>
    /// A name where a type may stand. Not one after a dot, unless the word before is a namespace or type of this order, and not one that is being declared: a word (not
    /// one of the keywords that precede a type) before it, and a body, value or end after it.
    /// </summary>
    [GeneratedRegex(@"(?<![.\w])(?:(?:global::)?(?:(?:ReliableQueue|Diagnostics|Messages|Broker|State|Producing|Operating|Working|Lease|Handle|Settle|Life|Setup)\.)+)?(?!(?<=(?!\b(?:new|is|as|not|or|and|case|in|out|ref|return|public|private|internal|protected|static|readonly|sealed|required|async|params|this|throw|await|where|override|virtual|abstract|partial|event|using|else|when)\b)\b\w+[?>\]]*\s)[A-Z]\w*\s*(?:=|;|,|\)|\{\s*(?:get|set|init)\b))(?<type>[A-Z]\w*)\b")]
    private static partial Regex Use();
}
