namespace ReliableQueue.Simulation.World;

/// <summary>An invariant did not hold.</summary>
internal sealed class ViolationException(string invariant, string what) : Exception($"{invariant}: {what}")
{
    public string Invariant { get; } = invariant;
}
