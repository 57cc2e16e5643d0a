using System.Globalization;
using ReliableQueue.Soak;

namespace ReliableQueue.FaultTests;

/// <summary>What the producers of a test attempted and what each was told, message by message.</summary>
internal sealed class Ledger
{
    private readonly Lock gate = new();
    private readonly Dictionary<long, (WorkOrderAct Act, HistoryWord Told, MessageId? Id)> entries = [];

    /// <summary>A number of its own for a message, which is noted as attempted.</summary>
    public long Attempt(WorkOrderAct act)
    {
        lock (gate)
        {
            var number = entries.Count + 1L;
            entries.Add(number, (act, HistoryWord.Attempt, null));
            return number;
        }
    }

    public void Tell(long number, HistoryWord word, MessageId? id = null)
    {
        lock (gate)
        {
            entries[number] = (entries[number].Act, word, id);
        }
    }

    /// <summary>A fate for each, and for each message the lines of worker processes say they enqueued themselves. What a process did not live to hear is unknown.</summary>
    public Dictionary<long, Fate> Fates(IEnumerable<string> lines)
    {
        Dictionary<long, Fate> fates;
        lock (gate)
        {
            fates = entries.ToDictionary(entry => entry.Key, entry => new Fate { Act = entry.Value.Act, Told = entry.Value.Told, Id = entry.Value.Id });
        }

        foreach (var line in lines)
        {
            switch (line.Split(' '))
            {
                case [Numbers.Attempted, var number]:
                    fates.Add(Whole(number), new Fate { Act = WorkOrderAct.Return, Told = HistoryWord.Unknown });
                    break;
                case [Flood.Acknowledged, var number, var id]:
                    (fates[Whole(number)].Told, fates[Whole(number)].Id) = (HistoryWord.Enqueued, MessageId.TryParse(id, out var known) ? known : throw new InvalidDataException(line));
                    break;
            }
        }

        return fates;
    }

    private static long Whole(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
