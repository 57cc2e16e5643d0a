using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace ReliableQueue.State;

/// <summary>What the lock file says: host and process id, a line each.</summary>
internal static class OwnerText
{
    private const int MaxLength = 512;

    public static void Write(FileStream lockFile)
    {
        lockFile.SetLength(0);
        lockFile.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}\n{Environment.ProcessId}\n")));
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
                ? new StateFileOwner(path, lines[0], processId)
                : new StateFileOwner(path, null, null);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or DllNotFoundException or EntryPointNotFoundException)
        {
            return new StateFileOwner(path, null, null);
        }
    }

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
