namespace ReliableQueue.State;

/// <summary>
/// How much a write must bring to show that there is room again after one failed. Rows changed in place, and short ones, can succeed on a full disk. Pure: no file, no
/// clock.
/// </summary>
internal sealed class RoomNeeded
{
    // As large as a few records, and no larger than what may be written again and again to see whether there is room.
    private const int Least = 16 * 1024;
    private const int Most = 1024 * 1024;

    private volatile int bytes = Least;

    /// <summary>As many as the longest row that failed, from 16 KiB to 1 MiB.</summary>
    public int Bytes => bytes;

    public void Failed(IEnumerable<RowChange> rows) => bytes = Math.Min(Most, rows.Select(row => row.Length).Append(bytes).Max());

    /// <summary>Whether a write that succeeded shows that there is room; if so, the next fault begins anew.</summary>
    public bool IsShownBy(IEnumerable<RowChange> rows)
    {
        if (rows.Sum(row => row.Length) < bytes)
        {
            return false;
        }

        bytes = Least;
        return true;
    }
}
