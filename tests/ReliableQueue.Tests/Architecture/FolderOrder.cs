using System.Text.RegularExpressions;

namespace ReliableQueue.Tests.Architecture;

/// <summary>The path of a message, as folders: each uses only itself and those before it.</summary>
internal sealed partial class FolderOrder
{
    private static readonly string[] Path =
    [
        "Diagnostics",
        "Messages",
        "Broker",
        "State",
        "Pipeline/Enqueuing",
        "Pipeline/Leasing",
        "Pipeline/Processing",
        "Pipeline/Settling",
        "Pipeline",
        "Hosting",
        "DependencyInjection",
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

            var further = Word().Matches(code).Select(match => match.Value).Distinct().Where(word => owners.TryGetValue(word, out var owner) && owner > rank);
            faults.AddRange(further.Select(type => $"{name} uses {type}, which lives further down the path ({Path[owners[type]]})."));
        }

        return faults;
    }

    /// <summary>The longest folder that matches: a file in Pipeline/Leasing is not one of Pipeline.</summary>
    private static int RankOf(string file) =>
        Array.IndexOf(Path, Path.Where(folder => file.StartsWith(folder + "/", StringComparison.Ordinal)).MaxBy(folder => folder.Length));

    [GeneratedRegex(@"\b[A-Z]\w*\b")]
    private static partial Regex Word();
}
