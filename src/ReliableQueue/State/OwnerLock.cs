using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace ReliableQueue.State;

/// <summary>
/// Makes one process the owner of a state file, until it is disposed or the process dies, however it dies. Two locks: one on <c>&lt;file&gt;.lock</c>, which tells
/// people who the owner is, and on Unix one on the file itself, which holds whatever name it was reached by (a hard link, a bind mount).
/// </summary>
internal sealed class OwnerLock : IDisposable
{
    public const string Suffix = ".lock";

    private const int WouldBlockOnLinux = 11;
    private const int WouldBlockOnMac = 35;
    private const int SharingViolationOnWindows = unchecked((int)0x80070020);

    private readonly FileStream lockFile;
    private readonly FileStream? stateFile;

    private OwnerLock(FileStream lockFile, FileStream? stateFile) => (this.lockFile, this.stateFile) = (lockFile, stateFile);

    /// <summary>Takes the lock, creating both files where needed; null when another process has it.</summary>
    /// <exception cref="StateFileException">The files cannot be opened.</exception>
    public static OwnerLock? TryTake(string path)
    {
        try
        {
            while (Open(path + Suffix) is { } lockFile)
            {
                // Somebody removed the lock file between our opening and our locking it: what we have locked is not what the next process will find.
                if (FileIdentity.Of(lockFile.SafeFileHandle) is { } held && held != FileIdentity.Of(path + Suffix))
                {
                    lockFile.Dispose();
                    continue;
                }

                return TakeBoth(path, lockFile);
            }

            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw StateFileFaults.NotWritable(path, exception);
        }
    }

    /// <summary>Makes the lock file, which shows that files can be made here; when another process holds it, they could.</summary>
    public static void ProbeDirectory(string path) => Open(path + Suffix)?.Dispose();

    /// <summary>Releases both. The lock file stays: whoever removes it makes room for two owners.</summary>
    public void Dispose()
    {
        stateFile?.Dispose();
        lockFile.Dispose();
    }

    private static OwnerLock? TakeBoth(string path, FileStream lockFile)
    {
        FileStream? stateFile = null;
        try
        {
            stateFile = Open(path);
            if (stateFile is null)
            {
                lockFile.Dispose();
                return null;
            }

            if (OperatingSystem.IsWindows())
            {
                // There a lock is mandatory and would shut SQLite out; but there a lock file in use cannot be removed either.
                stateFile.Dispose();
                stateFile = null;
            }

            OwnerText.Write(lockFile);
            return new OwnerLock(lockFile, stateFile);
        }
        catch
        {
            stateFile?.Dispose();
            lockFile.Dispose();
            throw;
        }
    }

    private static FileStream? Open(string path)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = OperatingSystem.IsWindows() ? FileShare.Read : FileShare.None,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            return new FileStream(path, options);
        }
        catch (IOException exception) when (exception.HResult is WouldBlockOnLinux or WouldBlockOnMac or SharingViolationOnWindows)
        {
            return null;
        }
    }
}

/// <summary>The process that holds the state file.</summary>
/// <param name="Path">The full path of the state file.</param>
/// <param name="Host">Its host; null when the lock file does not say, as in the moment of starting.</param>
/// <param name="ProcessId">Its process id; null when the lock file does not say.</param>
/// <param name="IsThisProcess">Whether it is the process that asks: another host in it, as two web applications of one test run are.</param>
internal sealed record StateFileOwner(string Path, string? Host, int? ProcessId, bool IsThisProcess = false)
{
    public override string ToString() => Host is null ? "an unknown process"
        : IsThisProcess ? $"another host in this very process ({ProcessId}; give each host of a process files of its own, in tests with UseDataDirectory(folder))"
        : $"process {ProcessId} on host '{Host}'";
}

/// <summary>What the lock file says: host, process id, and when the process started, a line each.</summary>
internal static class OwnerText
{
    private const int MaxLength = 512;

    // Host and process id do not tell two containers apart that were given one host name: in each of them the process is number 1.
    private static readonly string started = Process.GetCurrentProcess().StartTime.ToUniversalTime().Ticks.ToString(CultureInfo.InvariantCulture);

    public static void Write(FileStream lockFile)
    {
        lockFile.SetLength(0);
        lockFile.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}\n{Environment.ProcessId}\n{started}\n")));
        lockFile.Flush();
    }

    /// <summary>Reads it although the file is locked. Never throws: it is only for people to read.</summary>
    public static StateFileOwner Read(string path)
    {
        try
        {
            using var handle = Open(path + OwnerLock.Suffix);
            var bytes = new byte[MaxLength];
            var lines = Encoding.UTF8.GetString(bytes, 0, RandomAccess.Read(handle, bytes, 0)).Split('\n');
            return lines.Length >= 2 && int.TryParse(lines[1], CultureInfo.InvariantCulture, out var processId)
                ? new StateFileOwner(path, lines[0], processId, IsHere(lines, processId))
                : new StateFileOwner(path, null, null);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or DllNotFoundException or EntryPointNotFoundException)
        {
            return new StateFileOwner(path, null, null);
        }
    }

    private static bool IsHere(string[] lines, int processId) =>
        lines[0] == Environment.MachineName && processId == Environment.ProcessId && lines.Length >= 3 && lines[2] == started;

    private static SafeFileHandle Open(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }

        // .NET asks for a shared lock whenever it opens a file on Unix, which the owner's exclusive one refuses; plain open(2) asks for none.
        var descriptor = OpenReadOnly(Encoding.UTF8.GetBytes(path + '\0'), 0);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw new IOException("open failed");
    }

    [DllImport("libc", EntryPoint = "open", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int OpenReadOnly(byte[] path, int flags);
}
