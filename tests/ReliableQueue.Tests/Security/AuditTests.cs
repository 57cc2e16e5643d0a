using System.Diagnostics;
using ReliableQueue.Tests.Architecture;

namespace ReliableQueue.Tests.Security;

/// <summary>A source without advisories makes every audit silent, so what the build does with one is shown with a source that has one.</summary>
public sealed class AuditTests
{
    [Fact]
    public async Task An_advisory_of_the_lowest_severity_for_a_package_of_a_package_breaks_the_build()
    {
        var folder = Directory.CreateTempSubdirectory("rq-audit-").FullName;
        try
        {
            await using var server = new AdvisoryServer("sqlitepclraw.core");
            await File.WriteAllTextAsync(Path.Combine(folder, "Directory.Build.props"), $"""<Project><Import Project="{Path.Combine(SourceTree.Root, "Directory.Build.props")}" /></Project>""");
            await File.WriteAllTextAsync(Path.Combine(folder, "Audited.csproj"), """
                <Project Sdk="Microsoft.NET.Sdk"><ItemGroup><PackageReference Include="SQLitePCLRaw.bundle_e_sqlite3" Version="3.0.3" /></ItemGroup></Project>
                """);
            await File.WriteAllTextAsync(Path.Combine(folder, "nuget.config"), $"""
                <configuration>
                  <packageSources><clear /><add key="restored" value="{Packages()}" /></packageSources>
                  <auditSources><clear /><add key="advisories" value="{server.Address}index.json" protocolVersion="3" allowInsecureConnections="true" /></auditSources>
                </configuration>
                """);

            var (code, said) = await RestoreAsync(folder);

            Assert.NotEqual(0, code);
            Assert.Matches("(?i)error NU1901: .*SQLitePCLRaw\\.core", said);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Packages() =>
        Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private static async Task<(int Code, string Said)> RestoreAsync(string folder)
    {
        var start = new ProcessStartInfo("dotnet", ["restore", "Audited.csproj", "--disable-build-servers"]) { WorkingDirectory = folder, RedirectStandardOutput = true };
        start.Environment["NUGET_HTTP_CACHE_PATH"] = Path.Combine(folder, "cache");
        using var restoring = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start.");
        var said = await restoring.StandardOutput.ReadToEndAsync();
        await restoring.WaitForExitAsync();
        return (restoring.ExitCode, said);
    }
}
