using ReliableQueue.Broker;
using ReliableQueue.Storage;

namespace ReliableQueue.Sqlite;

/// <summary>What would lose messages: an SQLite with a known fault, or a disk whose locks other machines do not see.</summary>
internal static class StartCheck
{
    // 3.50.2 mends CVE-2025-6965, a memory corruption.
    private const int OldestLibrary = 3_050_002;

    public static IReadOnlyList<BrokerFinding> Run(Connection connection, string path)
    {
        var findings = new List<BrokerFinding>();
        if (Connection.LibraryVersion < OldestLibrary)
        {
            findings.Add(new BrokerFinding(
                FindingSeverity.Refusal,
                "sqlite-version",
                $"The SQLite library loaded is version number {Connection.LibraryVersion}, which can corrupt memory (CVE-2025-6965). Reference SQLitePCLRaw.bundle_e_sqlite3 3.0.3 or newer."));
        }

        if (IsOnNetwork(path))
        {
            findings.Add(new BrokerFinding(
                FindingSeverity.Refusal,
                "network-file-system",
                $"Queue file '{path}' is on a network file system, where SQLite's locks and log do not hold and messages are lost. Put it on a local disk."));
        }

        if (ExposureOf(path) is { } exposure)
        {
            findings.Add(new BrokerFinding(FindingSeverity.Warning, "not-private", $"Queue file '{path}' holds messages, and {exposure}."));
        }

        findings.AddRange(new FileVerification(connection, path).Findings());
        return findings;
    }

    // Of everybody, not of the group: processes of several users share a queue by their group.
    private static string? ExposureOf(string path)
    {
        if (OperatingSystem.IsWindows() || !File.Exists(path) || Path.GetDirectoryName(path) is not { } folder)
        {
            return null;
        }

        return (File.GetUnixFileMode(folder) & UnixFileMode.OtherWrite) != 0 ? $"everybody on this machine can put files into its folder; chmod 700 '{folder}'"
            : (File.GetUnixFileMode(path) & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite)) != 0 ? $"everybody on this machine can get at them; chmod 600 '{path}'"
            : null;
    }

    private static bool IsOnNetwork(string path)
    {
        try
        {
            return Path.GetDirectoryName(path) is { } directory && new DriveInfo(directory).DriveType == DriveType.Network;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // Unknown is not a finding: opening the file says more.
            return false;
        }
    }
}
