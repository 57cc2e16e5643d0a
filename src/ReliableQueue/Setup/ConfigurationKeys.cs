using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;

namespace ReliableQueue.Setup;

/// <summary>The keys that one set reads from its section, as paths in it; <c>*</c> stands for any name.</summary>
internal sealed class ConfigurationKeys
{
    private const string Any = "*";

    private readonly List<string[]> known = [];

    public void Add(string key) => known.Add([key]);

    /// <summary>A key for every option of a type, in a section. Groups of options are added by themselves.</summary>
    public void AddOptionsOf<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] TOptions>(params string[] section) =>
        known.AddRange(typeof(TOptions).GetProperties()
            .Where(option => option.PropertyType.IsValueType || option.PropertyType == typeof(string) || IsTable(option.PropertyType))
            .Select(option => (string[])[.. section, option.Name, .. IsTable(option.PropertyType) ? [Any] : Array.Empty<string>()]));

    /// <summary>The keys of a section that nothing reads, each a sentence with the nearest key that is read.</summary>
    /// <param name="section">The section of the set.</param>
    /// <param name="others">Sections in it that somebody else knows.</param>
    public IEnumerable<string> Unknown(IConfiguration section, IEnumerable<string> others) =>
        Unknown(section, PathOf(section), [.. known, .. others.Select(name => (string[])[name])], depth: 0);

    /// <summary>Names in a section that look like a misspelling of a name that is used. Others are left alone: a file may be shared with applications that use them.</summary>
    public static IEnumerable<string> Misspelt(IConfiguration section, IReadOnlyCollection<string> used, string what) =>
        from child in section.GetChildren()
        where !used.Contains(child.Key, StringComparer.OrdinalIgnoreCase)
        let nearest = used.MinBy(name => Distance(child.Key, name))
        where nearest is not null && Distance(child.Key, nearest) <= Math.Min(2, (nearest.Length - 1) / 2)
        select $"{child.Path} is no {what} of this application; the nearest is '{nearest}'.";

    private IEnumerable<string> Unknown(IConfiguration section, string path, IReadOnlyList<string[]> fitting, int depth) => section.GetChildren().SelectMany(child =>
    {
        var next = fitting.Where(key => key.Length > depth && IsAt(key, depth, child.Key)).ToList();
        return next.Count == 0 ? [$"{child.Path} is not known; the nearest key is {Nearest(child.Key, path, fitting, depth)}."]
            : next.Exists(key => key.Length == depth + 1) ? []
            : Unknown(child, child.Path, next, depth + 1);
    });

    private static bool IsAt(string[] key, int depth, string name) => key[depth] == Any || string.Equals(key[depth], name, StringComparison.OrdinalIgnoreCase);

    /// <summary>A key of the same section as the unknown one, unless one elsewhere is much more like it: an option in the wrong section.</summary>
    private string Nearest(string name, string path, IReadOnlyList<string[]> fitting, int depth)
    {
        var sibling = fitting.Where(key => key.Length > depth && key[depth] != Any).Select(key => key[depth]).Distinct(StringComparer.Ordinal).MinBy(key => Distance(name, key));
        var elsewhere = known.MinBy(key => Distance(name, key[^1])) ?? [Any];
        return sibling is null || Distance(name, elsewhere[^1]) + 1 < Distance(name, sibling)
            ? $"{string.Join(':', path.Split(':').SkipLast(depth).Concat(elsewhere.Select(part => part == Any ? "{queue}" : part)))}"
            : $"{path}:{sibling}".TrimStart(':');
    }

    /// <summary>Values under names of the application's own, such as message types.</summary>
    private static bool IsTable(Type type) => type == typeof(IDictionary<string, TimeSpan>);

    private static string PathOf(IConfiguration section) => section is IConfigurationSection { Path: var path } ? path : string.Empty;

    /// <summary>How many letters must be put in, taken out or changed to make one name of the other.</summary>
    private static int Distance(string one, string other)
    {
        var costs = Enumerable.Range(0, other.Length + 1).ToArray();
        for (var row = 1; row <= one.Length; row++)
        {
            var diagonal = costs[0];
            costs[0] = row;
            for (var column = 1; column <= other.Length; column++)
            {
                var changed = diagonal + (char.ToUpperInvariant(one[row - 1]) == char.ToUpperInvariant(other[column - 1]) ? 0 : 1);
                diagonal = costs[column];
                costs[column] = Math.Min(changed, Math.Min(costs[column], costs[column - 1]) + 1);
            }
        }

        return costs[^1];
    }
}
