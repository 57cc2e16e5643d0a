namespace ReliableQueue.Broker;

/// <summary>What a broker did with a stamped call.</summary>
public enum CallStanding
{
    /// <summary>Done now.</summary>
    Applied,

    /// <summary>Done before under this number; the same answer again.</summary>
    Repeated,

    /// <summary>A later call of this lane has been answered; nothing done, nothing returned.</summary>
    Already,

    /// <summary>The session was returned by its successor (<see cref="IQueueBroker.ReturnSessionAsync"/>) and may lease no more; nothing done.</summary>
    Fenced,
}
