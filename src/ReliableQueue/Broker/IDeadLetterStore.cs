namespace ReliableQueue.Broker;

/// <summary>The dead letters of a broker.</summary>
public interface IDeadLetterStore
{
    /// <summary>Reads one page, oldest first.</summary>
    /// <param name="queue">Whose dead letters.</param>
    /// <param name="skip">How many of the oldest to pass over.</param>
    /// <param name="take">1 to <see cref="BrokerLimits.BatchSize"/>.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="BrokerException">The broker failed or did not answer.</exception>
    Task<IReadOnlyList<DeadLetter>> ReadAsync(QueueName queue, long skip, int take, CancellationToken cancellationToken);
}
