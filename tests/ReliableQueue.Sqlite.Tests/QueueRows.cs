using ReliableQueue.Storage;

namespace ReliableQueue.Sqlite.Tests;

/// <summary>What a queue file holds.</summary>
internal static class QueueRows
{
    /// <summary>Every row of every table, as text.</summary>
    public static string Dump(Connection stranger)
    {
        List<string> tables = [];
        using (var names = stranger.Use(
            "SELECT 'SELECT ' || group_concat('quote(\"' || c.name || '\")', ' || '','' || ') || ' FROM \"' || t.name || '\"' "
            + "FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' GROUP BY t.name"))
        {
            while (names.Step())
            {
                tables.Add(names.Text(0) ?? "");
            }
        }

        List<string> rows = [];
        foreach (var table in tables)
        {
            using var read = stranger.Use(table);
            while (read.Step())
            {
                rows.Add(table + read.Text(0));
            }
        }

        return string.Join('\n', rows);
    }
}
