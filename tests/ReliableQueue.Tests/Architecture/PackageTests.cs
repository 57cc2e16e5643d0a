using System.IO.Compression;
using System.Xml.Linq;

namespace ReliableQueue.Tests.Architecture;

public sealed class PackageTests(PackedPackages packed) : IClassFixture<PackedPackages>
{
    private static readonly string[] Described = ["description", "authors", "tags", "copyright"];

    [Fact]
    public void Packages_OfTheSolution_AreWhatAUserExpects()
    {
        Assert.Equal(PackedPackages.Ids, Directory.GetFiles(packed.Folder, "*.nupkg").Select(IdOf).Order(StringComparer.Ordinal));
        Assert.Equal(PackedPackages.Ids, Directory.GetFiles(packed.Folder, "*.snupkg").Select(IdOf).Order(StringComparer.Ordinal));
        Faults.None(PackedPackages.Ids.SelectMany(FaultsOf));
    }

    [Fact]
    public void Dependencies_OfTheRedisPackage_ReachFromTheFloorToTheNextMajor() =>
        Assert.Equal("[2.8.16, 4.0.0)", DependenciesOf("ReliableQueue.Redis")["StackExchange.Redis"]);

    [Fact]
    public void Dependencies_OfTheCore_AreAbstractionsAndSqlite() => Assert.Equal(
        [
            "Microsoft.Extensions.Diagnostics.HealthChecks",
            "Microsoft.Extensions.Hosting.Abstractions",
            "Microsoft.Extensions.Logging.Abstractions",
            "Microsoft.Extensions.Options",
            "Microsoft.Extensions.Options.ConfigurationExtensions",
            "Microsoft.Extensions.Options.DataAnnotations",
            "SQLitePCLRaw.bundle_e_sqlite3",
        ],
        DependenciesOf("ReliableQueue").Keys.Where(id => !id.StartsWith("Microsoft.Extensions.Configuration", StringComparison.Ordinal)).Order(StringComparer.Ordinal));

    [Fact]
    public void Dependencies_OfTheBrokers_AreTheCoreAndTheirStore()
    {
        Assert.Equal(["Microsoft.Extensions.Logging.Abstractions", "ReliableQueue", "StackExchange.Redis"], DependenciesOf("ReliableQueue.Redis").Keys.Order(StringComparer.Ordinal));
        Assert.Equal(["ReliableQueue", "SQLitePCLRaw.bundle_e_sqlite3"], DependenciesOf("ReliableQueue.Sqlite").Keys.Order(StringComparer.Ordinal));
        Assert.Equal(["ReliableQueue"], DependenciesOf("ReliableQueue.Testing").Keys);
    }

    private IEnumerable<string> FaultsOf(string id)
    {
        using var package = Open(id, ".nupkg");
        using var symbols = Open(id, ".snupkg");
        var files = package.Entries.Select(entry => entry.FullName).ToHashSet(StringComparer.Ordinal);
        foreach (var expected in new[] { "README.md", $"lib/net10.0/{id}.dll", $"lib/net10.0/{id}.xml" }.Where(expected => !files.Contains(expected)))
        {
            yield return $"{id} holds no {expected}.";
        }

        if (symbols.GetEntry($"lib/net10.0/{id}.pdb") is null)
        {
            yield return $"{id} has no symbols.";
        }

        var metadata = NuspecOf(package);
        foreach (var (name, value) in new[] { ("license", "MIT"), ("readme", "README.md"), ("id", id) }.Where(expected => Text(metadata, expected.Item1) != expected.Item2))
        {
            yield return $"{id} says {name} '{Text(metadata, name)}', not '{value}'.";
        }

        foreach (var name in Described.Where(name => Text(metadata, name).Length == 0))
        {
            yield return $"{id} says nothing as {name}.";
        }

        foreach (var stray in files.Where(file => file.StartsWith("lib/", StringComparison.Ordinal) && !file.StartsWith($"lib/net10.0/{id}.", StringComparison.Ordinal)))
        {
            yield return $"{id} holds {stray}, which is not its own.";
        }
    }

    private Dictionary<string, string> DependenciesOf(string id)
    {
        using var package = Open(id, ".nupkg");
        return NuspecOf(package).Descendants().Where(element => element.Name.LocalName == "dependency")
            .ToDictionary(element => (string?)element.Attribute("id") ?? "", element => (string?)element.Attribute("version") ?? "");
    }

    private ZipArchive Open(string id, string extension) => ZipFile.OpenRead(Assert.Single(Directory.GetFiles(packed.Folder, "*" + extension), file => IdOf(file) == id));

    private static XElement NuspecOf(ZipArchive package)
    {
        using var nuspec = package.Entries.Single(entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open();
        return XDocument.Load(nuspec).Root?.Elements().Single() ?? throw new InvalidDataException("A package without metadata.");
    }

    private static string Text(XElement metadata, string name) => metadata.Elements().FirstOrDefault(element => element.Name.LocalName == name)?.Value ?? "";

    /// <summary>ReliableQueue.Redis.0.1.0.nupkg is ReliableQueue.Redis.</summary>
    private static string IdOf(string file) =>
        string.Join('.', Path.GetFileNameWithoutExtension(file).Split('.').TakeWhile(part => !char.IsAsciiDigit(part[0])));
}
