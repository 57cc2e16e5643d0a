using ReliableQueue.Messages;

namespace ReliableQueue.Working.Handle;

/// <summary>How messages of one wire name are read and handled on one queue.</summary>
internal abstract class HandlerRegistration(string messageType)
{
    public string MessageType { get; } = messageType;

    /// <summary>Reads the body and leaves the call to be made; throws <see cref="MessageUnreadableException"/> when the body is not such a message.</summary>
    public abstract Func<IServiceProvider, MessageContext, CancellationToken, Task> Read(ReadOnlyMemory<byte> body);
}
