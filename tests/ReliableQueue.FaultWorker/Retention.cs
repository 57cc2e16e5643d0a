namespace ReliableQueue.FaultWorker;

/// <summary>How many rejections a worker remembers: 50,000, which an hour does not reach, so its memory grows all that time as it should.</summary>
internal static class Retention
{
    /// <summary>Lowers it, so that this memory is full when the measuring begins and whatever grows later is a leak. No option of the library does that.</summary>
    public static void Remember(int rejections)
    {
        var type = typeof(IQueueClient).Assembly.GetType("ReliableQueue.State.StateRetention", throwOnError: true);
        var count = type?.GetProperty("RejectionCount") ?? throw new MissingMemberException("StateRetention.RejectionCount");
        count.SetValue(type.GetProperty("Default")?.GetValue(null) ?? throw new MissingMemberException("StateRetention.Default"), rejections);
    }
}
