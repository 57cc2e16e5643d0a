using ReliableQueue.Broker;
using ReliableQueue.FaultWorker;

namespace ReliableQueue.Soak;

/// <summary>All that is known of one message.</summary>
internal sealed class Fate
{
    public WorkOrderAct Act { get; init; }

    /// <summary>What its producer was told; <see cref="HistoryWord.Attempt"/> while it was told nothing.</summary>
    public HistoryWord Told { get; set; }

    /// <summary>The id the producer was told, if any.</summary>
    public MessageId? Id { get; set; }

    public int Starts { get; set; }

    public int Ends { get; set; }

    /// <summary>Starts that ended in an exception of the handler's own.</summary>
    public int Fails { get; set; }

    /// <summary>What is kept of it as a dead letter, less its bytes.</summary>
    public StoredMessage? Letter { get; set; }

    public bool IsDead => Letter is not null;

    public bool IsSeen => Starts > 0 || IsDead;
}
