using System.Diagnostics;
using System.Globalization;

namespace ReliableQueue.TestKit;

/// <summary>A file system of its own of a few hundred kilobytes, to be really full. Only root may mount one.</summary>
public sealed class SmallDisk : IDisposable
{
    private const int PageSize = 4096;

    /// <param name="path">Where it is mounted; made when missing.</param>
    /// <param name="kilobytes">How large it is.</param>
    public SmallDisk(string path, int kilobytes)
    {
        Path = Directory.CreateDirectory(path).FullName;
        IsMounted = Run("mount", "-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"size={kilobytes}k"), "none", Path);
    }

    public string Path { get; }

    /// <summary>False: it is a folder like any other and never full.</summary>
    public bool IsMounted { get; }

    private string Ballast => System.IO.Path.Combine(Path, "ballast");

    /// <summary>Takes all the room there is but for some pages of 4 KiB.</summary>
    public void Fill(int free = 0)
    {
        if (!IsMounted)
        {
            return;
        }

        using var ballast = new FileStream(Ballast, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var page = new byte[PageSize];
        while (TryWrite(ballast, page))
        {
        }

        ballast.SetLength(Math.Max(0, ballast.Length - (free * PageSize)));
    }

    public void MakeRoom() => File.Delete(Ballast);

    public void Dispose()
    {
        if (IsMounted)
        {
            // Lazily: a process that was killed a moment ago may still be on it.
            Run("umount", "-l", Path);
        }

        Directory.Delete(Path, recursive: true);
    }

    private static bool TryWrite(FileStream ballast, byte[] page)
    {
        try
        {
            ballast.Write(page);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true });
        process?.WaitForExit();
        return process?.ExitCode == 0;
    }
}
