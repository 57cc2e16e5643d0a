using System.Globalization;
using ReliableQueue.Storage;

namespace ReliableQueue.Sqlite;

/// <summary>One step from one version of the queue file to the next.</summary>
/// <param name="Version">The version the file has afterwards.</param>
/// <param name="LowestReader">The lowest version of the library's format that can use the file afterwards: lower ones refuse it.</param>
/// <param name="Apply">Changes tables and rows, within the transaction of all steps that are missing.</param>
internal sealed record Migration(int Version, int LowestReader, Action<Connection> Apply);

/// <summary>
/// The versions of the queue file, in order. A migration that a release contained is never changed again: what it makes is stored as a sample in the tests. A step that
/// adds a column gives it a place at the end of the row's checksum, and makes the checksums of the rows anew.
/// </summary>
internal sealed class Migrations(params IReadOnlyList<Migration> steps)
{
    /// <summary>PRAGMA application_id: "RQue".</summary>
    public const int ApplicationId = 0x52517565;

    /// <summary>What this library writes.</summary>
    public static readonly Migrations Shipped = new(new Migration(Version: 1, LowestReader: 1, connection => connection.Execute(Schema.Create)));

    /// <summary>The version of a file that is up to date.</summary>
    public int Version => steps[^1].Version;

    /// <summary>What the header of a file says.</summary>
    public static FormatVersion VersionOf(Connection connection) => FormatVersion.Of(connection.Number("PRAGMA user_version"));

    /// <summary>
    /// Brings a file of an earlier version, or an empty one, up to date. All steps that are missing are one transaction, so a process that dies in the middle leaves the file
    /// as it was. A file that another process has brought up to date meanwhile is left alone.
    /// </summary>
    public void Run(Connection connection)
    {
        var version = VersionOf(connection).Version;
        foreach (var step in steps.Where(step => step.Version > version))
        {
            step.Apply(connection);
            var stored = new FormatVersion(step.Version, step.LowestReader).Stored;
            connection.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {stored}"));
        }
    }
}
