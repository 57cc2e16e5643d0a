namespace ReliableQueue.State;

/// <summary>Who else on the machine can get at a file. Asked of everybody, not of the group: a volume's group is often what lets the worker in.</summary>
internal static class FilePrivacy
{
    /// <summary>What others may do, with the modes; null when nothing, or where there are no modes.</summary>
    public static string? FaultOf(string path)
    {
        if (OperatingSystem.IsWindows() || Path.GetDirectoryName(path) is not { } folder)
        {
            return null;
        }

        var (folderMode, fileMode) = (File.GetUnixFileMode(folder), File.GetUnixFileMode(path));
        return (folderMode & UnixFileMode.OtherWrite) != 0 ? $"everybody on this machine can put files into its folder (mode {Octal(folderMode)}); chmod 700 '{folder}'"
            : (fileMode & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite)) != 0 ? $"everybody on this machine can get at its content (mode {Octal(fileMode)}); chmod 600 '{path}'"
            : null;
    }

    private static string Octal(UnixFileMode mode) => Convert.ToString((int)mode, toBase: 8).PadLeft(4, '0');
}
