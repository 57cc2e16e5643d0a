using System.Globalization;
using ReliableQueue.FaultWorker;

namespace ReliableQueue.Soak;

/// <summary>Reads what was written down during a run.</summary>
internal static class History
{
    /// <summary>Every message that was attempted, by number.</summary>
    public static Dictionary<long, Fate> Attempts(string path, List<string> faults)
    {
        Dictionary<long, Fate> fates = [];
        foreach (var line in File.ReadLines(path))
        {
            var fields = line.Split(' ', 3);
            var (word, number) = (Enum.Parse<HistoryWord>(fields[0]), long.Parse(fields[1], CultureInfo.InvariantCulture));
            if (word == HistoryWord.Attempt)
            {
                fates.Add(number, new Fate { Act = Enum.Parse<WorkOrderAct>(fields[2]) });
                continue;
            }

            fates[number].Told = word;
            if (word == HistoryWord.Broken)
            {
                faults.Add($"message {number}: {fields[2]}");
            }
            else if (word != HistoryWord.Refused)
            {
                fates[number].Id = MessageId.TryParse(fields[2], out var id) ? id : throw new InvalidDataException(line);
            }
        }

        return fates;
    }

    /// <summary>What the handlers of all processes did.</summary>
    public static IEnumerable<Effect> Effects(string folder) => Directory.EnumerateFiles(folder).SelectMany(File.ReadLines).Select(Effect.Parse).OfType<Effect>();
}
