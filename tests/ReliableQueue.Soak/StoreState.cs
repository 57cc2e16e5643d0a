namespace ReliableQueue.Soak;

/// <summary>What a broker holds when all is done.</summary>
/// <param name="Description">For the report.</param>
/// <param name="Faults">What should not be there.</param>
internal sealed record StoreState(string Description, IReadOnlyList<string> Faults);
