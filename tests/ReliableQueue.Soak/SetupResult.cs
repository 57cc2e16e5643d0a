namespace ReliableQueue.Soak;

/// <summary>How one broker came through.</summary>
internal sealed record SetupResult(string Name, string Version, int Slots)
{
    public required Tally Tally { get; init; }

    /// <summary>How often each fault was made.</summary>
    public required IReadOnlyDictionary<string, int> Made { get; init; }

    /// <summary>Processes ended by the messages they handled.</summary>
    public required int Deaths { get; init; }

    public required IReadOnlyList<MemoryWatch> Memory { get; init; }

    public required StoreState Store { get; init; }

    /// <summary>Bytes of each worker's state file, by worker.</summary>
    public required IReadOnlyDictionary<string, long> StateFiles { get; init; }

    public required TimeSpan Drained { get; init; }

    /// <summary>Everything that breaks a promise. Empty: it passed.</summary>
    public required IReadOnlyList<string> Faults { get; init; }

    public int FaultsMade => Made.Values.Sum();
}
