namespace ReliableQueue.Storage;

/// <summary>What the header of a SQLite file says of its format: <c>PRAGMA user_version</c> holds the lowest reader in its upper 16 bits and the version in its lower ones.</summary>
/// <param name="Version">The version of the file's tables. 0: the file is new.</param>
/// <param name="LowestReader">The lowest version of the library's format that may use the file.</param>
internal readonly record struct FormatVersion(int Version, int LowestReader)
{
    private const int Bits = 16;

    /// <summary>As it is stored.</summary>
    public int Stored => (LowestReader << Bits) | Version;

    public static FormatVersion Of(long stored) => new((int)stored & ((1 << Bits) - 1), (int)stored >>> Bits);
}
