namespace ReliableQueue.Simulation;

/// <summary>How one simulation went.</summary>
/// <param name="Setup">What it was made from.</param>
/// <param name="Hash">Of its history: the same for the same setup.</param>
/// <param name="Invariant">Which invariant did not hold; null when all did.</param>
/// <param name="Report">For a person: setup, options, what was violated, the last events. Null when all held.</param>
/// <param name="Totals">What came of its messages.</param>
internal sealed record Outcome(Setup Setup, ulong Hash, string? Invariant, string? Report, Totals Totals);
