using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace ReliableQueue.State;

/// <summary>
/// Which file a path or a handle really is. On Linux its inode and when that was born, which a move keeps and a copy cannot forge; the device number takes
/// its place where the file system keeps no birth time, because device numbers change with a remount (every restart of a container). Elsewhere the creation time.
/// </summary>
internal static class FileIdentity
{
    private const int AtWorkingDirectory = -100;
    private const int AtEmptyPath = 0x1000;
    private const uint BirthMask = 0x800;
    private const uint LinksMask = 0x4;
    private const uint InodeMask = 0x100;

    // struct statx is 256 bytes with fixed offsets on every architecture, which struct stat is not.
    private const int StatxLength = 256;

    /// <summary>Null when there is no such file.</summary>
    public static string? Of(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        return Statx(AtWorkingDirectory, path, 0) is { } statx ? Text(statx) : "created " + File.GetCreationTimeUtc(path).Ticks.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Null where handles cannot be asked; a path then cannot be swapped under an open file either (Windows), or nobody checks (others).</summary>
    public static string? Of(SafeFileHandle handle) =>
        Statx((int)handle.DangerousGetHandle(), string.Empty, AtEmptyPath) is { } statx ? Text(statx) : null;

    /// <summary>How many names the file has. 1 where that cannot be told.</summary>
    public static uint NamesOf(string path) => Statx(AtWorkingDirectory, path, 0) is { } statx ? BinaryPrimitives.ReadUInt32LittleEndian(statx.AsSpan(16)) : 1;

    /// <summary>
    /// The machine, so that a file copied by its disk image is seen as copied. Empty where Linux has no machine id (containers): a volume that moves with its
    /// container is still the same worker's.
    /// </summary>
    public static string Machine()
    {
        if (!OperatingSystem.IsLinux())
        {
            return Environment.MachineName;
        }

        try
        {
            return File.ReadAllText("/etc/machine-id").Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return string.Empty;
        }
    }

    private static byte[]? Statx(int directory, string path, int flags)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        try
        {
            var bytes = new byte[StatxLength];
            return Statx(directory, Encoding.UTF8.GetBytes(path + '\0'), flags, LinksMask | InodeMask | BirthMask, bytes) == 0 ? bytes : null;
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            return null;
        }
    }

    private static string Text(ReadOnlySpan<byte> statx)
    {
        var inode = BinaryPrimitives.ReadUInt64LittleEndian(statx[32..]);
        if ((BinaryPrimitives.ReadUInt32LittleEndian(statx) & BirthMask) != 0)
        {
            var seconds = BinaryPrimitives.ReadInt64LittleEndian(statx[80..]);
            var nanoseconds = BinaryPrimitives.ReadUInt32LittleEndian(statx[88..]);
            return string.Create(CultureInfo.InvariantCulture, $"inode {inode} born {seconds}.{nanoseconds:D9}");
        }

        var major = BinaryPrimitives.ReadUInt32LittleEndian(statx[136..]);
        var minor = BinaryPrimitives.ReadUInt32LittleEndian(statx[140..]);
        return string.Create(CultureInfo.InvariantCulture, $"inode {inode} device {major}:{minor}");
    }

    [DllImport("libc", EntryPoint = "statx", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Statx(int directory, byte[] path, int flags, uint mask, byte[] result);
}

/// <summary>What a file and its log looked like at a moment. Equal to a later one: nobody has written between the two.</summary>
internal sealed record FileStamp(string? Identity, long Length, DateTime WrittenAt, long LogLength, DateTime LogWrittenAt)
{
    /// <summary>The stamp of a state file and of SQLite's log of it.</summary>
    public static FileStamp Of(string path)
    {
        var (file, log) = (new FileInfo(path), new FileInfo(path + "-wal"));
        return new FileStamp(FileIdentity.Of(path), file.Exists ? file.Length : 0, file.LastWriteTimeUtc, log.Exists ? log.Length : 0, log.LastWriteTimeUtc);
    }
}
