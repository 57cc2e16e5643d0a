using System.Diagnostics;
using ReliableQueue.Broker;
using ReliableQueue.FaultWorker;
using ReliableQueue.TestKit;

namespace ReliableQueue.Soak;

/// <summary>One broker, from its start to the verdict.</summary>
internal sealed class SoakRun(SoakPlan plan, string name)
{
    /// <summary>By how many percent the memory of a process may grow.</summary>
    public const double MostDrift = 10;

    /// <summary>By how many its open handles may.</summary>
    public const int MostHandles = 10;

    private static readonly TimeSpan PaceOfProcessFaults = TimeSpan.FromSeconds(5.6);
    private static readonly TimeSpan PaceOfBrokerFaults = TimeSpan.FromSeconds(4.6);
    private static readonly TimeSpan ProgressEvery = TimeSpan.FromSeconds(30);
    // On a machine that is busy with other things a backlog of minutes builds up; what is lost never drains.
    private static readonly TimeSpan DrainLimit = TimeSpan.FromMinutes(10);

    // The rejections of this run and some more; a file that grows with every message passes it soon.
    private const long MostStateBytes = 16 << 20;

    private readonly string folder = Directory.CreateDirectory(Path.Combine(plan.Evidence, name)).FullName;
    private readonly int seed = HashCode(plan.Seed, name);

    public async Task<SetupResult> RunAsync()
    {
        using var journal = new Journal(Path.Combine(folder, "journal.log"));
        await using var stand = await Stand.StartAsync(name, folder);
        await using var producer = Producer(stand, journal);
        await using var crew = new Crew(stand, folder, journal);
        await crew.StartAsync();
        producer.Start();
        await producer.ReadyAsync();

        var processes = new Nemesis("process", crew.Faults(), seed, PaceOfProcessFaults, journal);
        var broker = new Nemesis("broker", stand.Faults(producer), seed + 1, PaceOfBrokerFaults, journal);
        MemoryWatch[] memory = [new(producer, plan.Length, journal), new(crew.Steady, plan.Length, journal)];
        using (var stop = new CancellationTokenSource(plan.Length))
        {
            await Task.WhenAll(new[]
            {
                processes.RunAsync(stop.Token),
                broker.RunAsync(stop.Token),
                TellAsync(producer, processes, broker, stop.Token),
            }.Concat(memory.Select(watch => watch.RunAsync(stop.Token))).Select(part => EndAllWithAsync(part, stop)));
        }

        await stand.HealAsync();
        journal.Write("healed");
        var ended = await producer.AskAsync("end", "ended ");
        Say($"{ended}; draining.");
        List<string> faults = [];
        var drained = await DrainAsync(stand, faults);
        await producer.EndAsync();
        foreach (var member in crew.All)
        {
            await member.EndAsync();
        }

        var members = crew.All.Append(producer).ToList();
        var checker = new Checker(History.Attempts(HistoryFile, faults), faults);
        var (letters, cursor) = (0, default(string));
        do
        {
            var page = await stand.DeadLettersAsync(cursor);
            letters += page.Messages.Count;
            checker.Add(page.Messages.Select(letter => (DeadNumber.Of(letter), letter)));
            cursor = page.NextCursor;
        }
        while (cursor is not null);

        // A process id comes back in a long run: the kill that counts is the first one after what the process did.
        checker.Add(History.Effects(Crew.EffectsFolder(folder)), members.SelectMany(member => member.Kills).ToLookup(kill => kill.Process, kill => kill.At));
        var result = new SetupResult(name, await stand.VersionAsync(), stand.Slots)
        {
            Tally = checker.Tally(),
            Made = processes.Made.Concat(broker.Made).ToDictionary(),
            Deaths = members.Sum(member => member.Deaths),
            Memory = memory,
            Store = await stand.InspectAsync(letters, members.Sum(member => member.Starts)),
            StateFiles = crew.All.ToDictionary(member => member.Name, member => StateBytes(member.Name)),
            Drained = drained,
            Faults = faults,
        };
        faults.AddRange(members.SelectMany(member => member.Alarms));
        faults.AddRange(result.Store.Faults);
        faults.AddRange(Shortfalls(result));
        return result;
    }

    private string HistoryFile => Path.Combine(folder, "history.log");

    private static int HashCode(int seed, string name) => name.Aggregate(seed, (hash, letter) => unchecked(hash * 31 + letter));

    private Member Producer(Stand stand, Journal journal) => new(
        "producer",
        () =>
        [
            "produce=true",
            $"Broker={stand.AddressOf("producer")}",
            $"History={HistoryFile}",
            $"Seed={seed}",
            $"Rate={plan.PerSecond}",
            "Logging:LogLevel:Default=Warning",
        ],
        "ReliableQueue.Soak",
        journal);

    /// <summary>When one part of a run fails, the others are not left at it for an hour.</summary>
    private static async Task EndAllWithAsync(Task part, CancellationTokenSource stop)
    {
        try
        {
            await part;
        }
        catch
        {
            await stop.CancelAsync();
            throw;
        }
    }

    private async Task TellAsync(Member producer, Nemesis processes, Nemesis broker, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(ProgressEvery, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var progress = await producer.AskAsync("progress", "progress ");
            Say($"{progress} faults={processes.Total + broker.Total}");
        }
    }

    private static async Task<TimeSpan> DrainAsync(Stand stand, List<string> faults)
    {
        var clock = Stopwatch.StartNew();
        QueueStatistics? last = null;
        try
        {
            await Eventually.TrueAsync(async () => (last = await stand.CountAsync()) is { Ready: 0, Scheduled: 0, Leased: 0 }, "every message is acked or dead-lettered", DrainLimit);
        }
        catch (TimeoutException exception)
        {
            faults.Add($"{exception.Message} {last}");
        }

        return clock.Elapsed;
    }

    private long StateBytes(string member)
    {
        var file = new FileInfo(Crew.StateFile(folder, member));
        return file.Directory?.EnumerateFiles(file.Name + "*").Sum(part => part.Length) ?? 0;
    }

    private IEnumerable<string> Shortfalls(SetupResult result)
    {
        if (result.Tally.Acknowledged < plan.MessagesNeeded)
        {
            yield return $"only {result.Tally.Acknowledged} messages of {plan.MessagesNeeded}";
        }

        if (result.FaultsMade < plan.FaultsNeeded)
        {
            yield return $"only {result.FaultsMade} faults of {plan.FaultsNeeded}";
        }

        foreach (var watch in plan.IsDriftJudged ? result.Memory : [])
        {
            if (watch.Drift > MostDrift)
            {
                yield return $"the managed heap of {watch.Name} grew by {watch.Drift:F1} %, from {watch.First.ManagedBytes} to {watch.End.ManagedBytes} bytes";
            }

            if (watch.ResidentDrift > MostDrift)
            {
                yield return $"the resident memory of {watch.Name} grew by {watch.ResidentDrift:F1} %, from {watch.First.ResidentBytes} to {watch.End.ResidentBytes} bytes";
            }

            if (watch.End.Handles > watch.First.Handles + MostHandles)
            {
                yield return $"the handles of {watch.Name} grew from {watch.First.Handles} to {watch.End.Handles}";
            }
        }

        foreach (var (member, bytes) in result.StateFiles.Where(file => file.Value > MostStateBytes))
        {
            yield return $"the state file of {member} has {bytes} bytes";
        }
    }

    private void Say(string text) => Console.WriteLine($"{DateTime.UtcNow:HH:mm:ss} {name}: {text}");
}
