namespace ReliableQueue.Sqlite;

/// <summary>Time and chance as the broker uses them. Times are microseconds, because SQLite stores whole numbers.</summary>
internal sealed record BrokerEnvironment(TimeProvider Time, IRandomSource Random)
{
    /// <summary>Since the machine started: the clock of leases. Every process of the machine reads the same one, and nobody can set it.</summary>
    public long Now => Microseconds(Time.GetElapsedTime(0));

    /// <summary>Since 1970: the clock of due times, which must outlive a restart of the machine.</summary>
    public long UtcNow => Microseconds(Time.GetUtcNow() - DateTimeOffset.UnixEpoch);

    public static long Microseconds(TimeSpan time) => time.Ticks / TimeSpan.TicksPerMicrosecond;
}
