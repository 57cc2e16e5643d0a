using System.Buffers;

namespace ReliableQueue.Messages;

/// <summary>Message to body and back.</summary>
internal interface IMessageSerializer
{
    /// <summary>Why messages of a type cannot be written or read here, or null when they can. Asked at start, so that it is not found out message by message.</summary>
    string? FaultOf<TMessage>();

    /// <summary>Writes the body. Throws <see cref="MessageSerializationException"/>.</summary>
    void Write<TMessage>(TMessage message, IBufferWriter<byte> body);

    /// <summary>Reads a body that may be anything. Throws <see cref="MessageUnreadableException"/> and nothing else.</summary>
    TMessage Read<TMessage>(ReadOnlyMemory<byte> body);
}
