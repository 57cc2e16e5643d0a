using System.Reflection;

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

    /// <summary>
    /// The queue that messages of this type go to and are handled from where a call names none: <c>EnqueueAsync(message)</c>, <c>AddHandler&lt;TMessage, THandler&gt;()</c>.
    /// Default: null, every call names one.
    /// </summary>
    public string? Queue { get; set; }

    internal static string? QueueOf(Type type) => type.GetCustomAttribute<MessageTypeAttribute>(inherit: false)?.Queue;

    /// <summary>What a call is told that names no queue, nor does the type.</summary>
    internal static string WithoutQueue(Type type) =>
        $"Message type {type} names no queue: write [MessageType(\"…\", Queue = \"emails\")], or name the queue in the call.";
}
