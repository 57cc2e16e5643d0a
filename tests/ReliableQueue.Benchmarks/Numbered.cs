namespace ReliableQueue.Benchmarks;

/// <summary>A message with a payload of a hundred characters, as the peers' benchmark programs have.</summary>
[MessageType("numbered")]
public sealed record Numbered(int Number, string Payload)
{
    public static string Hundred { get; } = new('x', 100);
}

