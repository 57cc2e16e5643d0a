using ReliableQueue.Broker;
using Microsoft.Extensions.Logging;
using ReliableQueue.Storage;

namespace ReliableQueue.Sqlite;

/// <summary>The file of one broker: where it is, how long a call may wait for it, how far it may grow.</summary>
internal sealed class QueueFile(SqliteBrokerOptions options, Func<string> bootId, BrokerEnvironment environment, ILogger logger, Migrations migrations)
{
    private const int PageSize = 4096;

    // 1 MiB. What an enqueue must leave free, so that leasing and settling, which split pages too, can still drain a full file.
    private const int ReservedPages = 256;

    private long marks;

    public string Path { get; } = System.IO.Path.GetFullPath(options.Path);

    public TimeSpan CallTimeout { get; } = options.CallTimeout;

    public BrokerEnvironment Environment { get; } = environment;

    public ILogger Logger { get; } = logger;

    public Migrations Migrations { get; } = migrations;

    public Closing Closing { get; } = new();

    public WriteTurn Turn { get; } = new();

    private long? MaxPages { get; } = options.MaxFileSize / PageSize;

    /// <summary>Opens a connection, with the file made, checked and set up, waiting while others write.</summary>
    /// <exception cref="BrokerException">The file cannot be used, or stayed busy.</exception>
    public Connection Connect()
    {
        var start = Environment.Time.GetTimestamp();
        while (true)
        {
            try
            {
                var connection = FileOpening.Open(this, bootId());
                LimitSize(connection);
                Volatile.Write(ref marks, MarksOf(connection));
                return connection;
            }
            catch (SqliteFailure failure)
            {
                if (!failure.IsBusy || IsOver(start) || !RestWhileBusy())
                {
                    throw failure.BeforeCommit(Path);
                }
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
            {
                throw new BrokerException(BrokerFault.Refused, $"Queue file '{Path}' cannot be made: {fault.Message} Name a file in a directory that this user can write to.", fault);
            }
        }
    }

    /// <summary>
    /// Refuses to go on when another process has brought the file, while this one had it open, to a version that only newer libraries can use. Asked in every transaction.
    /// </summary>
    /// <exception cref="BrokerException">The file is of such a version.</exception>
    public void DemandKnownVersion(Connection connection)
    {
        if (MarksOf(connection) is var current && current != Volatile.Read(ref marks))
        {
            FileOpening.Examine(connection, this);
            Volatile.Write(ref marks, current);
        }
    }

    /// <summary>Whether a call that began then has waited as long as it may.</summary>
    public bool IsOver(long start) => Environment.Time.GetElapsedTime(start) >= CallTimeout;

    /// <summary>A moment between two tries, 1 to 5 ms, random so that processes that wait together do not try together. False when the broker closes.</summary>
    public bool RestWhileBusy() => Closing.Rest(TimeSpan.FromMilliseconds(1 + (4 * Environment.Random.NextDouble())));

    public BrokerException Busy() =>
        new(BrokerFault.NotApplied, $"Queue file '{Path}' was written by others for longer than CallTimeout ({CallTimeout}), or the broker closes.");

    public BrokerException Closed() => new(BrokerFault.NotApplied, $"The broker of queue file '{Path}' is closed.");

    /// <summary>Fails the enqueue while leasing and settling still have room to work.</summary>
    public void DemandRoom(Connection connection, IReadOnlyList<NewMessage> messages)
    {
        if (MaxPages is not { } limit)
        {
            return;
        }

        var used = connection.Number("PRAGMA page_count") - connection.Number("PRAGMA freelist_count");
        var wanted = messages.Sum(message => message.Envelope.Length / PageSize) + 1;
        if (used + wanted + ReservedPages > limit)
        {
            throw new BrokerException(BrokerFault.Full, $"Queue file '{Path}' has {used} of at most {limit} pages in use (MaxFileSize); the enqueue was not done.");
        }
    }

    private static long MarksOf(Connection connection) => connection.Number("PRAGMA user_version");

    private void LimitSize(Connection connection)
    {
        if (MaxPages is { } pages)
        {
            connection.Execute($"PRAGMA max_page_count = {pages}");
        }
    }
}

/// <summary>Time and chance as the broker uses them. Times are microseconds, because SQLite stores whole numbers.</summary>
internal sealed record BrokerEnvironment(TimeProvider Time, IRandomSource Random)
{
    /// <summary>Since the machine started: the clock of leases. Every process of the machine reads the same one, and nobody can set it.</summary>
    public long Now => Microseconds(Time.GetElapsedTime(0));

    /// <summary>Since 1970: the clock of due times, which must outlive a restart of the machine.</summary>
    public long UtcNow => Microseconds(Time.GetUtcNow() - DateTimeOffset.UnixEpoch);

    public static long Microseconds(TimeSpan time) => time.Ticks / TimeSpan.TicksPerMicrosecond;
}

/// <summary>Tells the broker's threads that it closes, and lets them rest until then.</summary>
internal sealed class Closing
{
    private readonly object gate = new();
    private bool closed;

    /// <summary>Rests, on the system's clock: it paces and decides nothing. False, at once, when the broker closes.</summary>
    public bool Rest(TimeSpan time)
    {
        lock (gate)
        {
            return !closed && (!Monitor.Wait(gate, time) || !closed);
        }
    }

    public void Close()
    {
        lock (gate)
        {
            closed = true;
            Monitor.PulseAll(gate);
        }
    }
}
