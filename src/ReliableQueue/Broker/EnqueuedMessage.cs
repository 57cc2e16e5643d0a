namespace ReliableQueue.Broker;

/// <summary>A message on its way into a queue.</summary>
/// <param name="Id">Its id, new for every message.</param>
/// <param name="Envelope">Its stored form. A broker keeps these bytes and never looks inside.</param>
public readonly record struct EnqueuedMessage(MessageId Id, ReadOnlyMemory<byte> Envelope);
