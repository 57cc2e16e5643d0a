namespace ReliableQueue.BrokerContract;

/// <summary>The states as the port names them.</summary>
internal enum ModelState
{
    Ready,
    Scheduled,
    Leased,
    Dead,
}
