using ReliableQueue.Soak;

namespace ReliableQueue.FaultTests;

/// <summary>The end that all tests on a rig have in common: what was done is held against what was promised, by the checker of the soak.</summary>
internal sealed class FinalCheck(FaultRig rig, Ledger ledger, IReadOnlyList<WorkerProcess> workers, int maxDeliveries)
{
    private const int MostFaultsShown = 20;

    public async Task<Tally> RunAsync(Permitted permitted, int starts)
    {
        List<string> faults = [];
        var checker = new Checker(ledger.Fates(WorkersSaid()), faults, maxDeliveries) { MayLose = permitted.BrokerMayLose };
        var letters = await rig.DeadLettersAsync();
        checker.Add(letters.Select(letter => (DeadNumber.Of(letter), letter)));
        checker.Add(rig.Effects(), Array.Empty<long>().ToLookup(_ => 0));
        var tally = checker.Tally();
        var again = rig.RunAgain().Distinct().Count();
        if (again > permitted.HandledAgain)
        {
            faults.Add($"{again} messages were handled again after a handler had finished them, and {permitted.HandledAgain} may be");
        }

        if (letters.Count != permitted.DeadLetters)
        {
            faults.Add($"there are {letters.Count} dead letters, and {permitted.DeadLetters} are to be");
        }

        if (!permitted.KeysMayBeGone)
        {
            faults.AddRange((await InspectAsync(letters.Count, starts)).Faults);
        }

        Assert.True(faults.Count == 0, $"{faults.Count} faults; {tally}{Environment.NewLine}{string.Join(Environment.NewLine, faults.Take(MostFaultsShown))}");
        return tally;
    }

    /// <summary>What worker processes enqueued themselves, when told to and as a flood: first what they attempted, then what was acknowledged.</summary>
    private IEnumerable<string> WorkersSaid() =>
    [
        .. workers.SelectMany(worker => worker.SaidWith(Numbers.Attempted + " ")),
        .. workers.SelectMany(worker => worker.SaidWith("enqueued ")).Select(line => line.Split(' ')).Where(words => words is ["enqueued", _, _]).Select(words => $"{Flood.Acknowledged} {words[2]} {words[1]}"),
        .. rig.LinesOf(FaultRig.FloodFolder).Where(line => line.EndsWith('.')).Select(line => line[..^1]),
    ];

    private async Task<StoreState> InspectAsync(int deadLetters, int starts) => rig.Store is { } redis
        ? await RedisRemains.InspectAsync(redis, $"{{rq:{WorkOrder.Queue}}}:*", deadLetters, starts)
        : SqliteRemains.Inspect(rig.Address[(FaultRig.Sqlite.Length + 1)..], deadLetters, starts);
}
