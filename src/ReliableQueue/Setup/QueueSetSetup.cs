namespace ReliableQueue.Setup;

/// <summary>Stands for a whole set in the options system, so that everything about it is validated together when the host starts.</summary>
internal sealed class QueueSetSetup;
