namespace ReliableQueue.FaultTests;

/// <summary>What the faults of a test may do to its messages. What is not said here may not happen: every message is handled once to its end and then gone.</summary>
internal sealed record Permitted
{
    public static readonly Permitted Nothing = new();

    /// <summary>Most messages that are handled again after a handler had finished them: their worker died, or lost its lease, before the ack.</summary>
    public int HandledAgain { get; init; }

    /// <summary>How many dead letters there are, neither more nor fewer.</summary>
    public int DeadLetters { get; init; }

    /// <summary>The broker loses what it had acknowledged, so that messages may be gone and others come back. Nothing may show up that nobody enqueued all the same.</summary>
    public bool BrokerMayLose { get; init; }

    /// <summary>The broker was robbed of single keys: what is left of a message then may stay.</summary>
    public bool KeysMayBeGone { get; init; }
}
