using System.Globalization;

namespace ReliableQueue.FaultWorker;

/// <summary>
/// What handlers write to, next to each other: a store that keeps the highest fence it has seen for a message and refuses lower ones, and one that takes what it is
/// given. Files, so that processes share them.
/// </summary>
internal sealed class Stores(string folder)
{
    public const string Fenced = ".fenced";
    public const string Unfenced = ".unfenced";

    public void Write(MessageId message, long fence)
    {
        Directory.CreateDirectory(folder);
        Append(message + Unfenced, fence, _ => true);
        Append(message + Fenced, fence, last => fence >= last);
    }

    /// <summary>The file is locked from the look to the write.</summary>
    private void Append(string name, long fence, Func<long, bool> accepts)
    {
        using var file = new FileStream(Path.Combine(folder, name), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        using var reader = new StreamReader(file);
        var last = 0L;
        while (reader.ReadLine() is { } line)
        {
            last = Math.Max(last, long.Parse(line, CultureInfo.InvariantCulture));
        }

        if (accepts(last))
        {
            using var writer = new StreamWriter(file);
            writer.WriteLine(fence.ToString(CultureInfo.InvariantCulture));
        }
    }
}
