using ReliableQueue.Broker;

namespace ReliableQueue.BrokerContract;

/// <summary>A message as the model sees it. Until is when its lease ends or when it is due, in seconds of model time.</summary>
internal sealed class ModelMessage(int order, string envelope)
{
    public int Order { get; } = order;

    public string Envelope { get; } = envelope;

    public ModelState State { get; set; }

    public bool IsRedelivered { get; set; }

    public int Deliveries { get; set; }

    public int Losses { get; set; }

    public LeaseToken? Token { get; set; }

    /// <summary>How the newest token ended: a type of settlement; null while it has not.</summary>
    public Type? SettledAs { get; set; }

    public long Until { get; set; }

    public bool IsSuspect => Losses >= 2;
}
