namespace ReliableQueue;

/// <summary>
/// The name a message type has on the wire, for example <c>send-email</c>. Never a CLR name, so a class may be renamed or moved while messages wait. A message
/// type without it cannot be enqueued or handled: that is an error at start.
/// </summary>
/// <param name="name">1 to 128 of a–z, 0–9, '.', '_' and '-', starting with a letter or a digit.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class MessageTypeAttribute(string name) : Attribute
{
    /// <summary>The name on the wire.</summary>
    public string Name { get; } = name;
}
