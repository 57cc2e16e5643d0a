using ReliableQueue.Storage;

namespace ReliableQueue.Sqlite;

/// <summary>Forgets lanes unseen for a day and fenced sessions after thirty, and workers that no longer announce themselves, so that the file of a queue that rests is empty.</summary>
internal static class ForgetStep
{
    /// <summary>How often a broker does it.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    private const string Lanes = "DELETE FROM call WHERE seen < ?";

    private const string Sessions = "DELETE FROM fenced WHERE seen < ?";

    public static bool Run(WriteContext context)
    {
        using var lanes = context.Connection.Use(Lanes);
        using var sessions = context.Connection.Use(Sessions);
        lanes.With(context.Now - BrokerEnvironment.Microseconds(TimeSpan.FromDays(1))).Run();
        sessions.With(context.Now - BrokerEnvironment.Microseconds(TimeSpan.FromDays(30))).Run();
        WorkerTable.RemoveOld(context.Connection, context.Now);
        return true;
    }
}
