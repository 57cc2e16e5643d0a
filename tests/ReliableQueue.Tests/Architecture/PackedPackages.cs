using System.Diagnostics;

namespace ReliableQueue.Tests.Architecture;

/// <summary>The packages as <c>dotnet pack</c> makes them: those RELIABLEQUEUE_PACKAGES names, else packed here from what the tests were built with.</summary>
public sealed class PackedPackages : IDisposable
{
    public static readonly IReadOnlyList<string> Ids = ["ReliableQueue", "ReliableQueue.Redis", "ReliableQueue.Sqlite", "ReliableQueue.Testing"];

    private readonly string? given = Environment.GetEnvironmentVariable("RELIABLEQUEUE_PACKAGES");

    public PackedPackages() => Folder = given ?? Pack();

    public string Folder { get; }

    public void Dispose()
    {
        if (given is null)
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    private static string Pack()
    {
        var folder = Directory.CreateTempSubdirectory("reliablequeue-packages-").FullName;
        var configuration = AppContext.BaseDirectory.Contains("Release", StringComparison.Ordinal) ? "Release" : "Debug";
        foreach (var id in Ids)
        {
            var start = new ProcessStartInfo("dotnet", ["pack", $"src/{id}", "--configuration", configuration, "--no-build", "--output", folder])
            {
                WorkingDirectory = SourceTree.Root,
                RedirectStandardOutput = true,
            };
            using var packing = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start.");
            var output = packing.StandardOutput.ReadToEnd();
            packing.WaitForExit();
            Assert.True(packing.ExitCode == 0, output);
        }

        return folder;
    }
}
