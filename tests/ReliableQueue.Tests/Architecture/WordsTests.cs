using System.Text.RegularExpressions;

namespace ReliableQueue.Tests.Architecture;

/// <summary>Plain words: what the pages of the project promise about its language.</summary>
public sealed partial class WordsTests
{
    private const string Glossary = "docs/glossary.md";

    /// <summary>Words of .NET, of the platform and of everyday English, which a reader knows without a glossary.</summary>
    private static readonly HashSet<string> Ordinary = new(StringComparer.OrdinalIgnoreCase)
    {
        "Activity", "Add", "Added", "Answered", "Argument", "Attribute", "Between", "Builder", "Cancellation", "Check", "Client", "Clock", "Closing", "Codec", "Configuration", "Connection", "Context",
        "Converter", "Count", "Data", "Deletion", "Delegating", "Encoder", "Environment", "Error", "Exception", "Extension", "Extensions", "Failure", "Fault", "File", "Find", "Forget", "Full", "Gauge", "Handling",
        "Health", "Host", "Id", "Info", "Interrupted", "Json", "Key", "Kept", "Kind", "Large", "Limit", "Listed", "Listener", "Listening", "Loader", "Loaded", "Log", "Loop", "Many", "Map", "Memory",
        "Meter", "Name", "Needed", "Needs", "New", "Number", "Opening", "Operation", "Option", "Options", "Owner", "Parsable", "Path", "Process", "Polled", "Query", "Queued", "Random", "Range", "Reader", "Reading",
        "Reason", "Redis", "Rejected", "Relation", "Reliable", "Remembered", "Reply", "Report", "Request", "Resp", "Result", "Running", "Schema", "Scope", "Script", "Sent", "Serialization", "Serializer",
        "Service", "Services", "Setting", "Settling", "Snapshot", "Span", "Sql", "Sqlite", "State", "Statement", "Statistics", "Status", "Step", "Still", "Store", "Stored", "Stream", "Succeeded",
        "System", "Table", "Tag", "Telemetry", "Text", "Thread", "Time", "Too", "Trace", "Type", "Typed", "Unavailable", "Unreadable", "Unsafe", "Unsaved", "Unsent", "Validation", "Value",
        "Version", "Walk", "Wanted", "Writer", "Write", "Crc32", "C", "Own", "Of", "And", "In", "At", "To", "Here", "Unknown", "Collection", "Source", "Known", "Call", "Not", "Event",
    };

    [Fact]
    public void Types_OfThePackages_AreNamedInWordsThatTheGlossaryHas()
    {
        var glossary = SourceTree.Read(Glossary).ToUpperInvariant();
        Faults.None(
            from type in PublicSurface.Assemblies.SelectMany(assembly => assembly.GetTypes())
            where type.Namespace?.StartsWith("ReliableQueue", StringComparison.Ordinal) == true && !type.Name.Contains('<', StringComparison.Ordinal) && !type.Name.StartsWith("__", StringComparison.Ordinal)
            from word in Word().Matches(type.Name.Split('`')[0]).Select(match => match.Value).Distinct()
            where !Ordinary.Contains(word) && !Ordinary.Contains(Singular(word)) && !IsIn(glossary, word) && !IsIn(glossary, Singular(word))
            select $"{type.Name}: '{word}' is not in {Glossary}.");
    }

    [Fact]
    public void Texts_OfCodeAndPages_HoldNoArchaicWords() => Faults.None(
        from file in SourceTree.Files("src", ".cs", ".lua").Concat(SourceTree.Files("tests", ".cs")).Concat(Documentation.Pages)
        where !file.EndsWith("0001-redis-client.md", StringComparison.Ordinal) && !file.EndsWith("WordsTests.cs", StringComparison.Ordinal)
        from Match match in Archaic().Matches(SourceTree.Read(file))
        select $"{file} says '{match.Value}'.");

    private static string Singular(string word) => word switch
    {
        [.. var stem, 'i', 'e', 's'] => stem + "y",
        [.., 's', 's'] => word,
        [.. var stem, 's'] => stem,
        [.. var stem, 'e', 'r'] => stem + "e",
        _ => word,
    };

    private static bool IsIn(string glossary, string word) => Regex.IsMatch(glossary, $@"\b{Regex.Escape(word.ToUpperInvariant())}(S|ES|ED|D|ING)?\b", RegexOptions.CultureInvariant);

    [GeneratedRegex("(?<=^I)[A-Z][a-z0-9]+|[A-Z]+(?![a-z])|[A-Z][a-z0-9]+")]
    private static partial Regex Word();

    [GeneratedRegex(@"\b(?:lest|for ever|beside|in hand|hitherto|thereof|wherein)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Archaic();
}
