namespace ReliableQueue.Comparison;

/// <summary>A message of the load.</summary>
/// <param name="Number">Which one.</param>
/// <param name="Milliseconds">How long it takes.</param>
[MessageType("work")]
public sealed record Numbered(int Number, int Milliseconds);
