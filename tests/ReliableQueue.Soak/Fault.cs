namespace ReliableQueue.Soak;

/// <summary>Something that goes wrong, and is put right before its task ends.</summary>
/// <param name="Name">What the report calls it.</param>
/// <param name="Weight">How often it is drawn, against the others.</param>
/// <param name="StrikeAsync">Does it.</param>
internal sealed record Fault(string Name, int Weight, Func<Random, Task> StrikeAsync);
