using System.Globalization;
using ReliableQueue.Storage;

namespace ReliableQueue.State;

/// <summary>One version of the state file's format.</summary>
/// <param name="Number">Versions are numbered from 1, without a gap.</param>
/// <param name="LowestReader">
/// The lowest version that may use a file of this one: open it, write to it, and leave it so that this one can go on. A version that only adds tables keeps the lowest
/// reader of the version before.
/// </param>
/// <param name="Tables">All its tables.</param>
/// <param name="Migrate">Makes its tables of those of the version before, or of an empty file. Runs in a transaction with all that come before and after it.</param>
internal sealed record StateVersion(int Number, int LowestReader, IReadOnlyList<StateTable> Tables, Action<StateDatabase> Migrate);

/// <summary>What makes a SQLite file a state file: the versions of its format, and how a file comes from one to the next.</summary>
/// <param name="versions">Every version this library can open, in order.</param>
internal sealed class StateSchema(IReadOnlyList<StateVersion> versions)
{
    /// <summary>"RQws" in the file's header: the state file of a worker.</summary>
    public const int ApplicationId = 0x52517773;

    private static readonly StateTable[] version1 =
        [StateTable.Identity, StateTable.Sessions, StateTable.Epochs, StateTable.Records, StateTable.Answers, StateTable.Probes];

    public static StateSchema Current { get; } = new([new StateVersion(1, 1, version1, database => database.Create(version1))]);

    public IReadOnlyList<StateVersion> Versions => versions;

    private StateVersion Newest => versions[^1];

    /// <summary>What is wrong with the file; null when it is a state file, or empty and about to become one.</summary>
    public StateFileException? FaultOf(string path, StateDatabase database)
    {
        var (application, version, lowestReader) = MarksOf(database);
        if (IsNew(database, application, version + lowestReader))
        {
            return null;
        }

        if (application != ApplicationId)
        {
            return StateFileFaults.Foreign(path, "it is a SQLite database of another program");
        }

        if (lowestReader > Newest.Number)
        {
            return StateFileFaults.Newer(path, version, lowestReader, Newest.Number);
        }

        if (lowestReader < 1 || version < lowestReader || !HasItsTables(database, version))
        {
            return StateFileFaults.Damaged(path, "its tables are not those of its format");
        }

        return database.Text("PRAGMA quick_check(1)") is var check and not "ok" ? StateFileFaults.Damaged(path, check ?? "its integrity check says nothing") : null;
    }

    /// <summary>
    /// Brings the file to the newest version: makes the tables of a new one, and says whose it is. All or nothing: a file whose migration was cut short has the version it
    /// had. A file of a later version stays as it is.
    /// </summary>
    public void Migrate(StateDatabase database, string machine, string file)
    {
        database.Execute("BEGIN IMMEDIATE");
        var (_, version, _) = MarksOf(database);
        foreach (var next in versions.Where(next => next.Number > version))
        {
            next.Migrate(database);
        }

        if (version < Newest.Number)
        {
            if (version == 0)
            {
                database.Write(new RowChange(StateTable.Identity, 1, [machine, file]));
                database.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA application_id = {ApplicationId}"));
            }

            database.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {new FormatVersion(Newest.Number, Newest.LowestReader).Stored}"));
        }

        database.Execute("COMMIT");
    }

    private static (long Application, int Version, int LowestReader) MarksOf(StateDatabase database)
    {
        var (version, lowestReader) = FormatVersion.Of(database.Number("PRAGMA user_version"));
        return (database.Number("PRAGMA application_id"), version, lowestReader);
    }

    private static bool IsNew(StateDatabase database, long application, int versions) =>
        application == 0 && versions == 0 && database.Number("SELECT count(*) FROM sqlite_schema") == 0;

    /// <summary>A later version may have tables besides, which are left alone; what runs by itself, as a trigger does, no version has.</summary>
    private bool HasItsTables(StateDatabase database, int version)
    {
        var found = database.Texts("SELECT sql FROM sqlite_schema WHERE type = 'table' ORDER BY name");
        var expected = versions[Math.Min(version, versions.Count) - 1].Tables.OrderBy(table => table.Name, StringComparer.Ordinal).Select(table => table.Create);
        return database.Number("SELECT count(*) FROM sqlite_schema WHERE type <> 'table'") == 0
            && (version > Newest.Number ? expected.All(found.Contains) : expected.SequenceEqual(found));
    }
}
