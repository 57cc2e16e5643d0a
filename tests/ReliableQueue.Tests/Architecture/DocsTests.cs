using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;

namespace ReliableQueue.Tests.Architecture;

/// <summary>What the documentation says, held against the code.</summary>
public sealed partial class DocsTests
{
    private const string Rewrite = "RELIABLEQUEUE_REWRITE_DOCS";
    private const string TelemetryPage = "docs/telemetry.md";

    private static readonly Type[] Options =
        [typeof(QueueOptions), typeof(WorkerOptions), typeof(MessageOptions), typeof(RedisBrokerOptions), typeof(SqliteBrokerOptions)];

    [Theory]
    [InlineData("docs/guarantees.md")]
    [InlineData("docs/fault-matrix.md")]
    [InlineData("docs/security.md")]
    [InlineData("docs/containers.md")]
    public void Proofs_EveryTestNamed_Exists(string page)
    {
        var tests = SourceTree.Files("tests", ".cs").SelectMany(file => TestMethod().Matches(SourceTree.Read(file))).Select(match => match.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);
        var named = TestName().Matches(SourceTree.Read(page)).Select(match => match.Groups["name"].Value).ToList();

        Assert.NotEmpty(named);
        Faults.None(named.Except(tests).Select(name => $"{page} names the test {name}, which does not exist."));
    }

    [Fact]
    public void FaultMatrix_EveryRow_IsAccountedFor()
    {
        var rows = SourceTree.Read("docs/fault-matrix.md").Split('\n').Where(line => line.StartsWith("| F", StringComparison.Ordinal)).Select(line => line.Trim('|', ' ').Split(" | ")).ToList();

        Assert.Equal(Enumerable.Range(1, 47).Select(number => $"F{number}"), rows.Select(row => row[0]));
        Faults.None(rows.Where(row => !TestName().IsMatch(row[^1]) && !row[^1].StartsWith("Not run here: ", StringComparison.Ordinal)).Select(row => $"{row[0]} names no test and no reason."));
    }

    [Fact]
    public void Guarantees_EveryPromise_NamesATest()
    {
        var promises = SourceTree.Read("docs/guarantees.md").Split("## Promises\n")[1].Split("\n## ")[0].Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1);

        Faults.None(promises.Where(row => !TestName().IsMatch(row.Trim('|').Split(" | ")[^1])).Select(row => $"A promise without a test: {row}"));
    }

    [Fact]
    public void Snippets_OfEveryPage_AreCompiled()
    {
        var compiled = SourceTree.Files("tests/ReliableQueue.Tests/Snippets", ".cs").Concat(SourceTree.Files("tests/ReliableQueue.Samples.Tests", ".cs")).Concat(SourceTree.Files("samples", ".cs"))
            .SelectMany(file => Documentation.Regions(SourceTree.Read(file))).ToDictionary(region => region.Name, region => region.Code, StringComparer.Ordinal);

        Faults.None(
            from page in Documentation.Pages
            from snippet in Documentation.Snippets(SourceTree.Read(page))
            let fault = snippet.Name is null ? $"a C# block is not marked: <!-- snippet: Name --> on the line before it. It begins: {snippet.Code.Split('\n')[0]}"
                : !compiled.TryGetValue(snippet.Name, out var code) ? $"no #region {snippet.Name} in the snippets or samples"
                : code != snippet.Code ? $"snippet {snippet.Name} is not what is compiled, which is:\n{code}"
                : null
            where fault is not null
            select $"{page}: {fault}");
    }

    [Fact]
    public void Configuration_EveryOption_IsListedWithItsDefault()
    {
        var page = SourceTree.Read("docs/configuration.md");

        Faults.None(
            from type in Options
            from option in OptionsIn(Activator.CreateInstance(type), "")
            let said = Documentation.Row(page, type.Name, option.Name)?[1].Trim()
            let truth = Shown(option.Default)
            where said != truth
            select $"docs/configuration.md, {type.Name}.{option.Name}: {(said is null ? "not listed" : $"'{said}'")}; the default is '{truth}'.");
    }

    [Fact]
    public void Telemetry_EveryInstrument_IsListed() => Faults.None(
        Instrument().Matches(SourceTree.Read("src/ReliableQueue/Diagnostics/QueueMeter.cs")).Select(match => match.Groups["name"].Value)
            .Where(name => !SourceTree.Read(TelemetryPage).Contains($"| `{name}` |", StringComparison.Ordinal))
            .Select(name => $"{TelemetryPage} does not list {name}."));

    [Fact]
    public void Telemetry_LogEvents_AreThoseOfTheCode()
    {
        var page = SourceTree.Read(TelemetryPage);
        var table = "| id | level | text |\n|---|---|---|\n" + string.Concat(EventsOf("src/ReliableQueue"));
        var brokers = "| package | id | level | text |\n|---|---|---|---|\n" + string.Concat(
            from package in (string[])["ReliableQueue.Redis", "ReliableQueue.Sqlite"]
            from line in EventsOf("src/" + package)
            select $"| `{package}` {line}");
        var truth = LogTable().Replace(page, table.Replace("$", "$$", StringComparison.Ordinal), 1);
        truth = BrokerLogTable().Replace(truth, brokers.Replace("$", "$$", StringComparison.Ordinal), 1);
        if (Environment.GetEnvironmentVariable(Rewrite) == "1")
        {
            File.WriteAllText(Path.Combine(SourceTree.Root, TelemetryPage), truth);
            page = truth;
        }

        Faults.None(truth.Split('\n').Except(page.Split('\n')).Concat(page.Split('\n').Except(truth.Split('\n')))
            .Select(line => $"{TelemetryPage} differs from the code: {line} Run this test once with {Rewrite}=1 and commit the page."));
    }

    [Fact]
    public void Links_WithinTheDocumentation_LeadSomewhere() => Faults.None(
        from page in Documentation.Pages
        from Match link in Link().Matches(SourceTree.Read(page))
        let target = Path.Combine(SourceTree.Root, Path.GetDirectoryName(page) ?? "", link.Groups["target"].Value)
        where !File.Exists(target) && !Directory.Exists(target)
        select $"{page} links to {link.Groups["target"].Value}, which is not there.");

    [Fact]
    public void Regions_Indented_AreReadWithoutTheIndentationTheyShare() =>
        Assert.Equal([("A", "one\n    two")], Documentation.Regions("    #region A\n    one\n        two\n    #endregion\n"));

    private static IEnumerable<string> EventsOf(string folder) =>
        from file in SourceTree.Files(folder, ".cs")
        from Match match in LogEvent().Matches(SourceTree.Read(file))
        orderby int.Parse(match.Groups["id"].Value, CultureInfo.InvariantCulture)
        select $"| {match.Groups["id"].Value} | {match.Groups["level"].Value} | {match.Groups["text"].Value} |\n";

    /// <summary>The options of an instance with what they are set to; those of a group are named <c>Group.Option</c>.</summary>
    private static IEnumerable<(string Name, object? Default)> OptionsIn(object? options, string path) =>
        from option in options?.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance) ?? []
        let value = option.GetValue(options)
        from found in option.PropertyType.Name.EndsWith("Options", StringComparison.Ordinal) && option.PropertyType.Assembly == option.DeclaringType?.Assembly ? OptionsIn(value, path + option.Name + ".") : [(path + option.Name, value ?? (option.PropertyType == typeof(string) ? "not set" : null))]
        select found;

    private static string Shown(object? value) => value switch
    {
        null => "none",
        "" => "not set",
        System.Collections.ICollection { Count: 0 } => "none",
        false => "false",
        true => "true",
        TimeSpan { TotalHours: >= 24 } span when span.TotalHours % 24 == 0 && span.TotalDays > 1 => $"{span.TotalDays} days",
        TimeSpan { TotalHours: >= 1 } span when span.TotalHours % 1 == 0 => $"{span.TotalHours} h",
        TimeSpan { TotalMinutes: > 1 } span when span.TotalMinutes % 1 == 0 => $"{span.TotalMinutes} min",
        TimeSpan { TotalSeconds: >= 1 } span => $"{span.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s",
        TimeSpan span => $"{span.TotalMilliseconds.ToString(CultureInfo.InvariantCulture)} ms",
        int number => number.ToString("N0", CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "none",
    };

    [GeneratedRegex(@"\[(?:Fact|Theory)\b[^\n]*\]\s*(?:\[[^\n]*\]\s*)*public\s+(?:static\s+)?(?:async\s+)?\w+(?:<\w+>)?\s+(?<name>\w+)\s*\(")]
    private static partial Regex TestMethod();

    [GeneratedRegex(@"`(?<name>[A-Z]\w*_\w+)`")]
    private static partial Regex TestName();

    [GeneratedRegex(@"\.Create\w+(?:<\w+>)?\(\s*""(?<name>[a-z.]+)""")]
    private static partial Regex Instrument();

    [GeneratedRegex(@"LoggerMessage\((?<id>\d+), LogLevel\.(?<level>\w+), ""(?<text>(?:[^""\\]|\\.)*)""")]
    private static partial Regex LogEvent();

    [GeneratedRegex(@"\| id \| level \| text \|\n(?:\|[^\n]*\n)+")]
    private static partial Regex LogTable();

    [GeneratedRegex(@"\| package \| id \| level \| text \|\n(?:\|[^\n]*\n)+")]
    private static partial Regex BrokerLogTable();

    [GeneratedRegex(@"\]\((?<target>[^)#:\s]+)(?:#[\w-]*)?\)")]
    private static partial Regex Link();
}
