using System.Diagnostics;
using System.Globalization;

namespace ReliableQueue.Soak;

/// <summary>Everything that was done and said, with the time on the clock of the effect logs, in one file.</summary>
internal sealed class Journal : IDisposable
{
    private readonly Lock gate = new();
    private readonly StreamWriter file;

    public Journal(string path) => file = new StreamWriter(path) { AutoFlush = true };

    public void Write(string line)
    {
        lock (gate)
        {
            file.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:HH:mm:ss.fff} {Stopwatch.GetTimestamp()} {line}"));
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            file.Dispose();
        }
    }
}
