using ReliableQueue.FaultWorker;

namespace ReliableQueue.Soak;

/// <summary>What a producer tried and was told, a line each, in a file: nothing of it stays in memory.</summary>
internal sealed class HistoryWriter(string path) : IDisposable
{
    private readonly Lock gate = new();
    private readonly StreamWriter file = new(path);
    private readonly long[] counts = new long[Enum.GetValues<HistoryWord>().Length];

    /// <summary>How many so far, in words.</summary>
    public string Progress
    {
        get
        {
            lock (gate)
            {
                file.Flush();
                return string.Join(' ', Enum.GetValues<HistoryWord>().Select(word => $"{word}={counts[(int)word]}"));
            }
        }
    }

    public void Attempt(long number, WorkOrderAct act) => Write(HistoryWord.Attempt, number, act.ToString());

    public HistoryWord Outcome(HistoryWord word, long number, string detail)
    {
        Write(word, number, detail);
        return word;
    }

    public void Flush()
    {
        lock (gate)
        {
            file.Flush();
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            file.Dispose();
        }
    }

    private void Write(HistoryWord word, long number, string detail)
    {
        lock (gate)
        {
            counts[(int)word]++;
            file.WriteLine($"{word} {number} {detail}");
        }
    }
}
