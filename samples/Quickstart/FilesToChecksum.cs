using System.Security.Cryptography;

namespace Quickstart;

/// <summary>The files of a folder and their checksums, computed here a second time to compare with.</summary>
internal static class FilesToChecksum
{
    public static IReadOnlyDictionary<string, string> Find(string folder)
    {
        var options = new EnumerationOptions { IgnoreInaccessible = true, RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(folder, "*", options))
        {
            try
            {
                using var file = File.OpenRead(path);
                found.Add(path, Convert.ToHexString(SHA256.HashData(file)));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                Console.WriteLine($"Left out: {exception.Message}");
            }
        }

        return found;
    }
}
