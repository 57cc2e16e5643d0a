using ReliableQueue.Broker;

namespace ReliableQueue.Soak;

/// <summary>What came of the messages of a run.</summary>
internal sealed record Tally
{
    /// <summary>Enqueues that were begun.</summary>
    public int Attempted { get; init; }

    /// <summary>Enqueues the broker acknowledged.</summary>
    public int Acknowledged { get; init; }

    /// <summary>Enqueues that certainly failed.</summary>
    public int Refused { get; init; }

    /// <summary>Enqueues whose outcome the producer never learnt.</summary>
    public int Unknown { get; init; }

    /// <summary>Of those, the messages that turned out to be there.</summary>
    public int Recovered { get; init; }

    /// <summary>Messages a handler finished.</summary>
    public int Handled { get; init; }

    /// <summary>Messages that were acknowledged or seen, that no handler finished, and that are no dead letters.</summary>
    public int Lost { get; init; }

    /// <summary>Messages that ran or are stored although nobody enqueued them, or although their enqueuing certainly failed, or twice under different ids.</summary>
    public int Unexpected { get; init; }

    /// <summary>Messages a handler finished more than once.</summary>
    public int Duplicated { get; init; }

    /// <summary>Messages that were started more than once.</summary>
    public int Redelivered { get; init; }

    public IReadOnlyDictionary<DeadLetterReason, int> DeadLettered { get; init; } = new Dictionary<DeadLetterReason, int>();

    /// <summary>Dead letters that would have ended well, had their workers lived.</summary>
    public int DeadInnocents { get; init; }

    /// <summary>Seconds from the kill of a process to the next start of what it had held, in order.</summary>
    public IReadOnlyList<double> Redeliveries { get; init; } = [];

    /// <summary>The terms of the report, in a line.</summary>
    public override string ToString() =>
        $"attempted {Attempted}, acknowledged {Acknowledged}, lost {Lost}, unexpected {Unexpected}, duplicated {Duplicated}, recovered {Recovered}; "
        + $"refused {Refused}, unknown {Unknown}, handled {Handled}, started more than once {Redelivered}, dead letters {DeadLettered.Values.Sum()}";
}
