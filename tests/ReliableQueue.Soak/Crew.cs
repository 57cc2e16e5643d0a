namespace ReliableQueue.Soak;

/// <summary>Three workers: two that die, freeze and stop, and one that lives through all of it.</summary>
internal sealed class Crew : IAsyncDisposable
{
    public const int MaxDeliveries = 6;

    /// <summary>Reached in a few minutes.</summary>
    public const int RememberedRejections = 100;

    public static readonly TimeSpan VisibilityTimeout = TimeSpan.FromSeconds(4);

    private readonly Member[] mortals;

    public Crew(Stand stand, string folder, Journal journal)
    {
        mortals = [Member("first"), Member("second")];
        Steady = Member("steady", "IsSpared=true");

        Member Member(string name, params string[] more) => new(
            name,
            () =>
            [
                $"Broker={stand.AddressOf(name)}",
                $"Effects={EffectsFolder(folder)}",
                "TellEffects=false",
                "Logging:LogLevel:Default=Warning",
                $"RememberedRejections={RememberedRejections}",
                $"ReliableQueue:Worker:StateFile={StateFile(folder, name)}",
                "ReliableQueue:Worker:DrainTimeout=00:00:02",
                $"ReliableQueue:Queues:orders:Concurrency={stand.Slots}",
                $"ReliableQueue:Queues:orders:Retry:MaxDeliveries={MaxDeliveries}",
                $"ReliableQueue:Queues:orders:VisibilityTimeout={VisibilityTimeout}",
                "ReliableQueue:Queues:orders:Retry:Delay=00:00:00.2",
                "ReliableQueue:Queues:orders:Retry:MaxDelay=00:00:02",
                .. more,
            ],
            "ReliableQueue.FaultWorker",
            journal);
    }

    public Member Steady { get; }

    public IReadOnlyList<Member> All => [Steady, .. mortals];

    public static string EffectsFolder(string folder) => Path.Combine(folder, "effects");

    public static string StateFile(string folder, string name) => Path.Combine(folder, $"{name}.db");

    public async Task StartAsync()
    {
        foreach (var member in All)
        {
            member.Start();
            await member.ReadyAsync();
        }
    }

    public IReadOnlyList<Fault> Faults() =>
    [
        new("kill -9 of a worker, restarted at once", 28, async random =>
        {
            await Victim(random).KillAsync(TimeSpan.Zero);
            await For(random, 0.2, 2.5);
        }),
        new("kill -9 of a worker, restarted after its leases ran out", 5, random => Victim(random).KillAsync(VisibilityTimeout + TimeSpan.FromSeconds(1.5))),
        new("kill -9 of two workers at once", 6, async random =>
        {
            await Task.WhenAll(mortals.Select(member => member.KillAsync(TimeSpan.Zero)));
            await For(random, 0.2, 2);
        }),
        new("SIGSTOP of a worker, shorter than its lease", 14, random => Victim(random).FreezeAsync(Seconds(random, 0.3, 2.2))),
        new("SIGSTOP of a worker past its lease", 7, random => Victim(random).FreezeAsync(VisibilityTimeout + Seconds(random, 0.5, 2))),
        new("SIGTERM of a worker and restart", 14, random => Victim(random).TerminateAsync(killAfter: null)),
        new("kill -9 of a worker while it drains", 5, random => Victim(random).TerminateAsync(Seconds(random, 0.05, 1.5))),
    ];

    public async ValueTask DisposeAsync()
    {
        foreach (var member in All)
        {
            await member.DisposeAsync();
        }
    }

    public static TimeSpan Seconds(Random random, double least, double most) => TimeSpan.FromSeconds(least + (most - least) * random.NextDouble());

    /// <summary>A fault that lasts.</summary>
    public static Task For(Random random, double least, double most) => Task.Delay(Seconds(random, least, most));

    private Member Victim(Random random) => mortals[random.Next(mortals.Length)];
}
