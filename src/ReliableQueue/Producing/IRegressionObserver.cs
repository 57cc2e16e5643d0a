namespace ReliableQueue.Producing;

/// <summary>Told when the broker turns out to have lost writes it had acknowledged.</summary>
internal interface IRegressionObserver
{
    /// <summary>Called on any thread; returns at once and throws nothing.</summary>
    void Regressed(QueueName queue, string sign);
}
