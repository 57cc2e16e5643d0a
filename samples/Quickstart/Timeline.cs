using System.Diagnostics;
using System.Globalization;

namespace Quickstart;

/// <summary>Prints what happens as it happens, in columns: time, who, what.</summary>
internal sealed class Timeline
{
    private readonly long started = Stopwatch.GetTimestamp();

    public void Add(string who, string what) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(started).TotalSeconds,8:F3} s  {who,-14}  {what}"));
}
