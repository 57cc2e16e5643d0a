using System.Buffers;
using System.Collections.Concurrent;
using System.Reflection;

namespace ReliableQueue.Messages;

/// <summary>
/// CLR type to wire name, read from <see cref="MessageTypeAttribute"/>. A pair once seen never changes, and no two types share a name. The way back goes through the
/// handlers registered: nothing that comes from the broker ever becomes the name of a CLR type to load.
/// </summary>
internal sealed class MessageTypes
{
    public const int MaxNameLength = 128;

    private static readonly SearchValues<char> Allowed = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789._-");

    private readonly ConcurrentDictionary<Type, string> names = new();
    private readonly ConcurrentDictionary<string, Type> owners = new(StringComparer.Ordinal);

    public static bool IsName(ReadOnlySpan<char> name) =>
        name.Length is > 0 and <= MaxNameLength && (char.IsAsciiLetterLower(name[0]) || char.IsAsciiDigit(name[0])) && !name.ContainsAnyExcept(Allowed);

    /// <summary>The wire name of a type.</summary>
    /// <exception cref="ArgumentException">It has none, a bad one, or one that another type has; the text says which and the fix.</exception>
    public string NameOf(Type type)
    {
        if (names.TryGetValue(type, out var name))
        {
            return name;
        }

        return FaultOf(type) is { } fault ? throw new ArgumentException(fault, nameof(type)) : names[type];
    }

    /// <summary>Takes a type in; what is wrong with it, or null when nothing is.</summary>
    public string? FaultOf(Type type)
    {
        if (type.GetCustomAttribute<MessageTypeAttribute>(inherit: false) is not { } attribute)
        {
            return $"Message type {type} has no name on the wire: mark it with [MessageType(\"…\")], for example [MessageType(\"send-email\")].";
        }

        if (attribute.Name is not { } name || !IsName(name))
        {
            return $"The name in [MessageType] of {type} must be 1 to {MaxNameLength} characters of a-z, 0-9, '.', '_' and '-', starting with a letter or a digit.";
        }

        var owner = owners.GetOrAdd(name, type);
        if (owner != type)
        {
            return $"Message types {owner} and {type} have the same name on the wire, '{name}': give one of them another [MessageType].";
        }

        names.TryAdd(type, name);
        return null;
    }
}
