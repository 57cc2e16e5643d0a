using System.Text.RegularExpressions;

namespace ReliableQueue.Tests.Architecture;

/// <summary>Rules that a search proves.</summary>
public sealed partial class SearchTests
{
    private const string ThisFile = "tests/ReliableQueue.Tests/Architecture/SearchTests.cs";

    private static readonly string[] Written = [".cs", ".lua", ".sh", ".md", ".csproj", ".props", ".targets", ".json", ".sln", ".txt", ".yml", ".yaml", ""];

    [Fact]
    public void Settling_OnABroker_IsDoneByTheSettlerAlone() =>
        Assert.Equal(["src/ReliableQueue/Working/Settle/Settler.cs"], FilesWith("src/ReliableQueue", BrokerSettles()));

    [Fact]
    public void Keys_OfRedis_AreMadeByRedisKeysAlone() =>
        Faults.None(FilesWith("src/ReliableQueue.Redis", HashTag(), keepStrings: true).Where(file => !file.EndsWith("/RedisKeys.cs", StringComparison.Ordinal)));

    [Fact]
    public void LogMessages_AreDeclaredInTheLogClassAlone() =>
        Faults.None(FilesWith("src", LoggerMessage()).Where(file => !Path.GetFileName(file).Contains("Log.", StringComparison.Ordinal)));

    [Fact]
    public void Logging_WithoutTheLogClass_IsNotDone() => Faults.None(FilesWith("src", LogsByHand()));

    [Fact]
    public void Warnings_AreNotSwitchedOffInOnePlace() => Faults.None(Code().Where(file => SwitchesOff().IsMatch(SourceText.CodeOf(SourceTree.Read(file)))));

    [Fact]
    public void Waiting_WithoutAClock_IsNotDone() =>
        Faults.None(Code().Where(file => !IsFaultTest(file)).SelectMany(file => SleepsIn(file, SourceText.CodeOf(SourceTree.Read(file)))));

    [Fact]
    public void Tests_AreNotSkipped() => Faults.None(SourceTree.Files("tests", ".cs").Where(file => file != ThisFile && Skips().IsMatch(SourceText.CodeOf(SourceTree.Read(file)))));

    /// <summary>An explicit test runs only when asked for by name: fit for a measurement, a hiding place for anything else.</summary>
    [Fact]
    public void Tests_Explicit_AreMeasurementsOnly() =>
        Assert.Equal(["tests/ReliableQueue.Tests/State/StateFileSpeed.cs"], FilesWith("tests", Explicit()).Where(file => file != ThisFile));

    [Fact]
    public void Tree_NamesNoMachineAndNoPackageHost() =>
        Faults.None(SourceTree.Files("", Written).Where(file => file != ThisFile).SelectMany(file => PlacesIn(file, SourceTree.Read(file))));

    [Theory]
    [InlineData("await Task.Delay(100);", 1)]
    [InlineData("await Task.Delay(pause, cancellationToken);", 1)]
    [InlineData("Thread.Sleep(1);", 1)]
    [InlineData("await Task.Delay(RetryPause.After(failures, random), time, stopping);", 0)]
    [InlineData("await Task.Delay(pause, TimeProvider.System);", 0)]
    [InlineData("await Task.Delay(Timeout.Infinite, token);", 0)]
    public void SleepsIn_Call_IsFoundUnlessItNamesAClock(string code, int found) => Assert.Equal(found, SleepsIn("File.cs", code).Count());

    [Theory]
    [InlineData("see /wo" + "rk/x", 1)]
    [InlineData("a source at https://packages.example/v3/index.json", 1)]
    [InlineData("src/wo" + "rk/x and state/worker.db", 0)]
    public void PlacesIn_Text_NamesMachinePathsAndPackageSources(string text, int found) => Assert.Equal(found, PlacesIn("file.md", text).Count());

    private static IEnumerable<string> Code() => SourceTree.Files("src", ".cs").Concat(SourceTree.Files("tests", ".cs")).Concat(SourceTree.Files("samples", ".cs"));

    /// <summary>Only tests that kill processes and cut connections live in real time.</summary>
    private static bool IsFaultTest(string file) =>
        file.Contains("Fault", StringComparison.Ordinal) || file.StartsWith("tests/ReliableQueue.Soak/", StringComparison.Ordinal) || file.StartsWith("samples/", StringComparison.Ordinal);

    private static IEnumerable<string> FilesWith(string folder, Regex pattern, bool keepStrings = false) =>
        SourceTree.Files(folder, ".cs").Where(file => pattern.IsMatch(keepStrings ? SourceTree.Read(file) : SourceText.CodeOf(SourceTree.Read(file))));

    private static IEnumerable<string> SleepsIn(string file, string code) =>
        Sleep().Matches(code)
            .Where(match => match.Groups["clock"].Success is false)
            .Select(match => $"{file}: {match.Value.Trim()} waits without a TimeProvider; await a signal or advance a clock.");

    private static IEnumerable<string> PlacesIn(string file, string text) =>
        MachinePath().Matches(text).Concat(PackageHost().Matches(text)).Select(match => $"{file} names {match.Value}.");

    [GeneratedRegex(@"[bB]roker\s*\.\s*SettleAsync\s*\(")]
    private static partial Regex BrokerSettles();

    /// <summary>A hash tag, closed in the same text: the mark of a key.</summary>
    [GeneratedRegex(@"\}\}?:(?:ready|again|messages|leases|scheduled|deliveries|dead|meta|calls)\b")]
    private static partial Regex HashTag();

    [GeneratedRegex(@"\bLoggerMessage\b")]
    private static partial Regex LoggerMessage();

    [GeneratedRegex(@"\.Log(?:Trace|Debug|Information|Warning|Error|Critical)?\s*\(")]
    private static partial Regex LogsByHand();

    /// <summary>The trimmer's own attribute stays allowed: it states, with its reason, what the analyzer of one file cannot see.</summary>
    [GeneratedRegex(@"#\s*pragma\s+warning|\[\s*(?:assembly:\s*)?SuppressMessage|#\s*nullable\s+disable")]
    private static partial Regex SwitchesOff();

    /// <summary>A delay without end is no sleep: it waits for its token.</summary>
    [GeneratedRegex(@"Thread\.Sleep\s*\([^;]*|Task\.Delay\s*\((?!\s*Timeout\.Infinite)(?:[^(),]|\((?:[^()]|\([^()]*\))*\))*(?:,\s*(?<clock>[\w.]*[tT]ime(?:Provider)?(?:\.System)?)\s*[,)])?[^;]*")]
    private static partial Regex Sleep();

    [GeneratedRegex(@"\bSkip(?:When|Unless)?\s*=|Assert\s*\.\s*Skip")]
    private static partial Regex Skips();

    [GeneratedRegex(@"\bExplicit\s*=\s*true")]
    private static partial Regex Explicit();

    [GeneratedRegex(@"(?<![\w.~}])/(?:work|home|root|Users|mnt|workspace)/\w[\w./-]*|\b[A-Z]:\\Users\\")]
    private static partial Regex MachinePath();

    [GeneratedRegex(@"\S*(?:/v3/index\.json|nuget\.org|artifactory|jfrog|myget\.org|pkgs\.dev\.azure|pypi\.)\S*", RegexOptions.IgnoreCase)]
    private static partial Regex PackageHost();
}
