namespace ReliableQueue.Comparison;

/// <summary>What happens to every peer alike.</summary>
/// <param name="Kills">How often the worker is killed under load.</param>
/// <param name="Messages">How many messages the load has.</param>
/// <param name="Repeats">How often the seconds to redelivery are measured.</param>
internal sealed record KillPlan(int Kills, int Messages, int Repeats)
{
    /// <summary>Messages held at once.</summary>
    public const int Concurrency = 4;

    /// <summary>How long a message of the load takes.</summary>
    public const int Milliseconds = 10;

    /// <summary>How long the message takes whose redelivery is timed.</summary>
    public const int LongMilliseconds = 3_000;

    /// <summary>Messages that are started between two kills, at least.</summary>
    public const int BetweenKills = 60;

    /// <summary>The lease, lock or visibility timeout of every peer: the default of ReliableQueue and of BullMQ; Celery's is an hour.</summary>
    public static readonly TimeSpan Visibility = TimeSpan.FromSeconds(30);

    /// <summary>Nothing has happened for so long: what is not handled now is lost. Celery looks for what is due for redelivery every 100 s.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);
}
