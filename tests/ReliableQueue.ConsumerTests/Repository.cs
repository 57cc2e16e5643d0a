using System.Text.RegularExpressions;

namespace ReliableQueue.ConsumerTests;

/// <summary>What the repository tells its users, read from its pages.</summary>
internal static partial class Repository
{
    /// <summary>The folder that holds the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The C# block of the README below a marker.</summary>
    public static string Snippet(string name) =>
        Blocks().Matches(Read("README.md")).SingleOrDefault(match => match.Groups["name"].Value == name)?.Groups["code"].Value
            ?? throw new InvalidOperationException($"README.md has no C# block below <!-- snippet: {name} -->.");

    /// <summary>The packages that the README tells to add.</summary>
    public static IReadOnlyList<string> PackagesToAdd() => [.. PackageLines().Matches(Read("README.md")).Select(match => match.Groups["id"].Value).Distinct()];

    /// <summary>The words of the command that makes a role, as docs/operations.md prints it, with a password in its place.</summary>
    public static string[] Role(string user, string password) =>
        (Roles().Matches(Read("docs/operations.md")).SingleOrDefault(match => match.Groups["user"].Value == user)
            ?? throw new InvalidOperationException($"docs/operations.md prints no ACL SETUSER {user}."))
        .Value.Trim().Replace(">PASSWORD", ">" + password, StringComparison.Ordinal).Split(' ');

    private static string Read(string page) => File.ReadAllText(Path.Combine(Root, page)).ReplaceLineEndings("\n");

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ReliableQueue.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new DirectoryNotFoundException("The tests must be built inside the repository: no ReliableQueue.sln above " + AppContext.BaseDirectory);
    }

    [GeneratedRegex(@"<!-- snippet: (?<name>[\w.-]+) -->\n```csharp\n(?<code>.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex Blocks();

    [GeneratedRegex(@"^ *dotnet add package (?<id>[\w.]+)", RegexOptions.Multiline)]
    private static partial Regex PackageLines();

    [GeneratedRegex(@"^ *ACL SETUSER (?<user>[\w-]+) .*$", RegexOptions.Multiline)]
    private static partial Regex Roles();
}
