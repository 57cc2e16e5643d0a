using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;

namespace ReliableQueue.ConsumerTests;

/// <summary>
/// The packages as applications get them: in a folder that serves as their only source, with a version that no cache has seen, so that what was packed just now is what
/// is used. The packages are those RELIABLEQUEUE_PACKAGES names, and otherwise packed here from what was built with these tests.
/// </summary>
public sealed partial class PackageFeed : IAsyncLifetime
{
    private const string Variable = "RELIABLEQUEUE_PACKAGES";

    private static readonly string[] Ids = ["ReliableQueue", "ReliableQueue.Redis", "ReliableQueue.Sqlite", "ReliableQueue.Testing"];

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("rq-consumers-");

    // One core for each: a third build at a time would only slow the handlers of the applications that run meanwhile.
    private readonly SemaphoreSlim builders = new(2);

    private readonly ConcurrentDictionary<string, Lazy<Task<Application>>> built = [];

    private string settings = "";

    /// <summary>The version of the packages.</summary>
    public string Version { get; private set; } = "";

    /// <summary>The version of the Microsoft.Extensions packages that the solution uses.</summary>
    public static string ExtensionsVersion { get; } = typeof(PackageFeed).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "ExtensionsVersion").Value ?? "";

    public async ValueTask InitializeAsync()
    {
        var packages = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given ? given : await PackAsync();
        Version = VersionOf(packages);
        settings = SettingsFor(packages, SourceNames().Matches(await DotnetAsync(folder.FullName, "nuget", "list", "source", "--format", "detailed")).Select(match => match.Groups["name"].Value));
    }

    /// <summary>An application of the folder Applications, built once for each version of StackExchange.Redis.</summary>
    /// <param name="name">Its folder.</param>
    /// <param name="client">The version of StackExchange.Redis it references; null when it references none.</param>
    public Task<Application> ApplicationAsync(string name, string? client = null) => OnceAsync(name, client, "build");

    /// <summary>The same, compiled to machine code.</summary>
    public Task<Application> NativeAsync(string name, string? client = null) => OnceAsync(name, client, "publish", "--use-current-runtime");

    /// <summary>An empty folder in which restores use this feed.</summary>
    public string NewFolder(string name)
    {
        var created = folder.CreateSubdirectory($"{name}-{Guid.NewGuid():N}"[..(name.Length + 9)]);
        File.WriteAllText(Path.Combine(created.FullName, "nuget.config"), settings);
        return created.FullName;
    }

    /// <summary>Runs <c>dotnet</c> in a folder when it is this call's turn; a failure fails the test with everything that was printed.</summary>
    public async Task<string> DotnetAsync(string where, params string[] arguments)
    {
        await builders.WaitAsync();
        try
        {
            return await Command.RunAsync("dotnet", where, arguments);
        }
        finally
        {
            builders.Release();
        }
    }

    public ValueTask DisposeAsync()
    {
        builders.Dispose();
        folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    private Task<Application> OnceAsync(string name, string? client, params string[] command) =>
        built.GetOrAdd($"{name} {client}", _ => new Lazy<Task<Application>>(() => MakeAsync(name, client, command))).Value;

    private async Task<Application> MakeAsync(string name, string? client, string[] command)
    {
        var made = NewFolder(name);
        foreach (var file in Directory.GetFiles(Path.Combine(Repository.Root, "tests", "ReliableQueue.ConsumerTests", "Applications", name)))
        {
            File.Copy(file, Path.Combine(made, Path.GetFileName(file)));
        }

        await DotnetAsync(
            made,
            [.. command, "--configuration", "Release", "--output", "built", $"-p:ReliableQueueVersion={Version}", $"-p:ExtensionsVersion={ExtensionsVersion}", $"-p:ClientVersion={client}"]);
        return new Application(Path.Combine(made, "built", name));
    }

    private async Task<string> PackAsync()
    {
        var packages = folder.CreateSubdirectory("feed").FullName;
        var configuration = AppContext.BaseDirectory.Contains("Release", StringComparison.Ordinal) ? "Release" : "Debug";
        var version = "0.1.0-test." + DateTime.UtcNow.ToString("yyyyMMddHHmmssfff", CultureInfo.InvariantCulture);
        foreach (var id in Ids)
        {
            await DotnetAsync(
                Repository.Root, "pack", Path.Combine("src", id), "--configuration", configuration, "--no-build", "--output", packages, $"-p:Version={version}");
        }

        return packages;
    }

    /// <summary>All packages have one version, and it is a test's: a released one could be in the machine's cache with other content.</summary>
    private static string VersionOf(string packages)
    {
        var versions = Ids.Select(id => Directory.GetFiles(packages, "*.nupkg").Select(file => PackageName().Match(Path.GetFileName(file)))
            .Single(match => match.Groups["id"].Value == id).Groups["version"].Value).Distinct().ToList();
        return versions is [var version] && version.Contains("-test.", StringComparison.Ordinal)
            ? version
            : throw new InvalidOperationException(
                $"{packages} holds the versions {string.Join(", ", versions)}. Pack all three with -p:Version=0.1.0-test.N, with an N that was never used: a version that "
                + "the machine's package cache knows would be taken from there.");
    }

    // A cache of its own, so that nothing of this run stays in the machine's; what the machine has of other packages is used from where it is.
    private string SettingsFor(string packages, IEnumerable<string> ordinary) => $"""
        <?xml version="1.0" encoding="utf-8"?>
        <configuration>
          <config>
            <add key="globalPackagesFolder" value="{Path.Combine(folder.FullName, "cache")}" />
          </config>
          <fallbackPackageFolders>
            <add key="machine" value="{MachineCache()}" />
          </fallbackPackageFolders>
          <packageSources>
            <add key="under-test" value="{packages}" />
          </packageSources>
          <packageSourceMapping>
            <packageSource key="under-test">
              <package pattern="ReliableQueue" />
              <package pattern="ReliableQueue.*" />
            </packageSource>
            {string.Join("\n    ", ordinary.Select(name => $"<packageSource key=\"{name}\"><package pattern=\"*\" /></packageSource>"))}
          </packageSourceMapping>
        </configuration>
        """;

    private static string MachineCache()
    {
        var cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } named
            ? named
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        return Directory.CreateDirectory(cache).FullName;
    }

    [GeneratedRegex(@"^ +\d+\. +(?<name>.+) \[Enabled\]", RegexOptions.Multiline)]
    private static partial Regex SourceNames();

    [GeneratedRegex(@"^(?<id>[A-Za-z.]+)\.(?<version>\d.*)\.nupkg$")]
    private static partial Regex PackageName();
}
