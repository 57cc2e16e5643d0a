namespace ReliableQueue.Diagnostics;

/// <summary>Keeps what the producer of a set last noticed of a broker that lost acknowledged writes, for health to show.</summary>
internal sealed class ProducerLosses(TimeProvider time)
{
    /// <summary>An operator has something to do about a loss for longer than one probe, and not until the process ends.</summary>
    public static readonly TimeSpan ShownFor = TimeSpan.FromHours(1);

    private readonly Lock gate = new();
    private (QueueName Queue, string Sign, DateTimeOffset At)? last;

    /// <summary>The last loss noticed, for an hour; null when there was none.</summary>
    public string? Shown
    {
        get
        {
            lock (gate)
            {
                return last is var (queue, sign, at) && time.GetUtcNow() - at < ShownFor
                    ? $"Queue '{queue}': the broker lost writes it had acknowledged ({sign}), seen {at:u} (BrokerStateRegressed)."
                    : null;
            }
        }
    }

    public void Note(QueueName queue, string sign)
    {
        lock (gate)
        {
            last = (queue, sign, time.GetUtcNow());
        }
    }
}
