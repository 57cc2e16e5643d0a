using System.Globalization;

namespace ReliableQueue.State;

/// <summary>What makes a SQLite file a state file.</summary>
internal static class StateSchema
{
    public const int Version = 1;

    /// <summary>"RQws" in the file's header: the state file of a worker.</summary>
    public const int ApplicationId = 0x52517773;

    /// <summary>What is wrong with the file; null when it is a state file, or empty and about to become one.</summary>
    public static StateFileException? FaultOf(string path, StateDatabase database)
    {
        var application = (long)(database.Scalar("PRAGMA application_id") ?? 0L);
        var version = (long)(database.Scalar("PRAGMA user_version") ?? 0L);
        if (IsNew(database, application, version))
        {
            return null;
        }

        if (application != ApplicationId)
        {
            return StateFileFaults.Foreign(path, "it is a SQLite database of another program");
        }

        if (version > Version)
        {
            return StateFileFaults.Newer(path, version, Version);
        }

        var check = database.Scalar("PRAGMA quick_check(1)") as string;
        return version < 1 || SchemaOf(database) != ExpectedSchema()
            ? StateFileFaults.Damaged(path, "its tables are not those of its format")
            : check != "ok" ? StateFileFaults.Damaged(path, check ?? "its integrity check says nothing") : null;
    }

    /// <summary>Makes the tables, and says whose they are, if the file has none. All or nothing: a file whose creation was cut short is still new.</summary>
    public static void EnsureCreated(StateDatabase database, string machine, string file)
    {
        database.Execute("BEGIN IMMEDIATE");
        if (IsNew(database, (long)(database.Scalar("PRAGMA application_id") ?? 0L), (long)(database.Scalar("PRAGMA user_version") ?? 0L)))
        {
            foreach (var table in StateTable.All)
            {
                database.Execute(table.Create);
            }

            database.Write(new RowChange(StateTable.Identity, 1, [machine, file]));
            database.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA application_id = {ApplicationId}"));
            database.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {Version}"));
        }

        database.Execute("COMMIT");
    }

    private static bool IsNew(StateDatabase database, long application, long version) =>
        application == 0 && version == 0 && (long)(database.Scalar("SELECT count(*) FROM sqlite_schema") ?? 0L) == 0;

    private static string SchemaOf(StateDatabase database) =>
        database.Scalar("SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_schema ORDER BY name)") as string ?? string.Empty;

    private static string ExpectedSchema() =>
        string.Join(';', StateTable.All.OrderBy(table => table.Name, StringComparer.Ordinal).Select(table => table.Create));
}
