using System.Diagnostics;
using System.Globalization;

namespace ReliableQueue.FaultWorker;

/// <summary>What a process holds at one moment.</summary>
/// <param name="ManagedBytes">The managed heap after a full collection: what is really in use.</param>
/// <param name="ResidentBytes">The working set, which the collector gives back when it likes.</param>
/// <param name="Handles">Open file descriptors.</param>
/// <param name="Threads">Threads.</param>
public sealed record MemoryReading(long ManagedBytes, long ResidentBytes, int Handles, int Threads)
{
    /// <summary>The command that asks for it, and the first word of the answer.</summary>
    public const string Command = "memory";

    public static MemoryReading Take()
    {
        // Twice: the first collection makes finalizers run, the second frees what they held.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var managed = GC.GetTotalMemory(forceFullCollection: true);
        using var process = Process.GetCurrentProcess();
        return new MemoryReading(managed, process.WorkingSet64, process.HandleCount, process.Threads.Count);
    }

    public static MemoryReading Parse(string answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        var words = answer.Split(' ');
        return new MemoryReading(
            long.Parse(words[1], CultureInfo.InvariantCulture),
            long.Parse(words[2], CultureInfo.InvariantCulture),
            int.Parse(words[3], CultureInfo.InvariantCulture),
            int.Parse(words[4], CultureInfo.InvariantCulture));
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Command} {ManagedBytes} {ResidentBytes} {Handles} {Threads}");
}
