using ReliableQueue.Broker;
using ReliableQueue.Storage;

namespace ReliableQueue.Sqlite;

/// <summary>Why the last delivery of a message failed, or why and when it was dead-lettered. Apart from the message, because every change of its state would write the text again.</summary>
internal static class FailureTable
{
    private const string Put = "INSERT OR REPLACE INTO failure (envelope, reason, error, at, crc) VALUES (?, ?, ?, ?, ?)";

    private const string Select = "SELECT reason, error, at, crc FROM failure WHERE envelope = ?";

    private const string Delete = "DELETE FROM failure WHERE envelope = ?";

    public static void Set(Connection connection, long envelope, Failure failure)
    {
        using var put = connection.Use(Put);
        put.With(envelope).With((int)failure.Reason).With(failure.Error).With(failure.At).With(ChecksumOf(envelope, failure)).Run();
    }

    /// <summary>What is known of a failure; null when there is none. One whose row fails its checksum is <see cref="Failure.Unreadable"/>.</summary>
    public static Failure? Find(Connection connection, long envelope)
    {
        using var select = connection.Use(Select);
        if (!select.With(envelope).Step())
        {
            return null;
        }

        var failure = new Failure((DeadLetterReason)select.Int(0), select.Text(1), select.Number(2));
        return ChecksumOf(envelope, failure) == select.Number(3) ? failure : Failure.Unreadable;
    }

    public static void Remove(Connection connection, long envelope)
    {
        using var delete = connection.Use(Delete);
        delete.With(envelope).Run();
    }

    private static long ChecksumOf(long envelope, Failure failure) =>
        RowChecksum.Of("failure", envelope).With((int)failure.Reason).With(failure.Error).With(failure.At).Value;
}

/// <summary>How a delivery failed.</summary>
/// <param name="Reason">Why the message was dead-lettered; <see cref="DeadLetterReason.None"/> when it was not.</param>
/// <param name="Error">For people.</param>
/// <param name="At">When, in microseconds since 1970.</param>
internal readonly record struct Failure(DeadLetterReason Reason, string? Error, long At)
{
    /// <summary>Stands for one that cannot be read any more.</summary>
    public static Failure Unreadable { get; } = new(DeadLetterReason.None, "What was stored of the failure fails its checksum.", At: 0);
}
