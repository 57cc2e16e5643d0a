using ReliableQueue.Broker;
using ReliableQueue.TestKit;
using ReliableQueue.Redis.Tests.Scripts;
using StackExchange.Redis;
using Xunit;

namespace ReliableQueue.Redis.Tests.Calls;

/// <summary>
/// Six messages and every call a broker takes, one after the other. Each step may be made again until it is answered; what it answers then is the same whether it
/// was done the first time or the last.
/// </summary>
internal sealed class CannedLife : IDisposable
{
    private readonly IQueueBroker direct;
    private readonly Ledger ledger;
    private readonly IRenewalConnection renewal;
    private readonly TestQueue queue;
    private readonly NewMessage[] messages = [.. Enumerable.Range(0, 6).Select(_ => TestQueue.Message())];
    private LeasedMessage[] held = [];

    /// <param name="broker">What makes the calls.</param>
    /// <param name="direct">The same queue, undisturbed, for a last look.</param>
    /// <param name="database">The keys themselves.</param>
    /// <param name="keys">Whose keys.</param>
    public CannedLife(IQueueBroker broker, IQueueBroker direct, IDatabase database, RedisKeys keys)
    {
        this.direct = direct;
        ledger = new Ledger(direct, database, keys);
        renewal = broker.OpenRenewalConnection();
        queue = new TestQueue(broker, keys.Queue.Value) { Visibility = TimeSpan.FromMinutes(10) };
        var second = new TestQueue(broker, keys.Queue.Value) { Visibility = TimeSpan.FromMinutes(10) };
        var enqueue = queue.NextEnqueue(messages);
        var (lease, reclaim, leaseAgain) = (queue.NextLease(), queue.NextLease(0), second.NextLease());
        Steps =
        [
            ("enqueue", "", async () => Stood((await broker.EnqueueAsync(enqueue, default)).Answer.Standing)),
            ("lease", "0×1 1×1 2×1 3×1 4×1 5×1", async () =>
            {
                var reply = await broker.LeaseAsync(lease, default);
                held = [.. reply.Messages];
                return Stood(reply.Answer.Standing) + Counts(reply.Messages);
            }),
            // On a thread of its own, as in a worker: a renewal blocks, and many of these lives would take every thread of the pool.
            ("renew", "6", () => Task.Factory.StartNew(Renew, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)),
            ("ack", "done", () => SettleAsync(0, Settlement.Ack.Plain)),
            ("retry", "done", () => SettleAsync(1, new Settlement.Retry(TimeSpan.Zero, null))),
            ("release", "done", () => SettleAsync(2, new Settlement.Release(TimeSpan.FromMinutes(1)))),
            ("dead-letter", "done", () => SettleAsync(3, new Settlement.DeadLetter(DeadLetterReason.Rejected, "no"))),
            ("reclaim and promote", "", async () => Stood((await broker.LeaseAsync(reclaim, default)).Answer.Standing)),
            ("lease again", "1×2 2×1 4×2 5×2", async () =>
            {
                var reply = await broker.LeaseAsync(leaseAgain, default);
                return Stood(reply.Answer.Standing) + Counts(reply.Messages);
            }),
            ("return", "True", async () => $"{(await broker.ReturnAsync(new ReturnRequest(queue.Name, second.Worker, 5), default)).IsComplete}"),
            ("statistics", "4 ready, 0 scheduled, 0 leased, 1 dead", async () => Text(await broker.Admin.GetStatisticsAsync(queue.Name, default))),
            ("dead letters", "3×1 Rejected no", async () => string.Join(' ', (await broker.DeadLettersAsync(queue.Name, default)).Select(Text))),
        ];
    }

    /// <summary>What each step is called, what it answers, and how it is made.</summary>
    public (string Name, string Answer, Func<Task<string>> Call)[] Steps { get; }

    /// <summary>How the last enqueue or lease call stood.</summary>
    public CallStanding Standing { get; private set; }

    /// <summary>Time passes where the story needs it: the leases of 4 and 5 run out, and 2 is due.</summary>
    public Task PassTimeBeforeAsync(string step) => step == "reclaim and promote" ? ledger.PassTimeAsync() : Task.CompletedTask;

    /// <summary>The queue is as if nothing had happened: each message where it belongs, delivered as often as it was.</summary>
    public async Task AssertEndedWellAsync(string when)
    {
        await ledger.AssertOnePlaceEachAsync(when);
        var finder = new TestQueue(direct, queue.Name.Value);
        var found = (await finder.LeaseAsync(suspects: 10)).Messages;
        Assert.True(Counts(found) == "1×3 2×2 4×3 5×3", $"{when}: left with {Counts(found)}");
        await finder.AckAsync(found);
        await ledger.AssertNothingLostAsync(when);
    }

    public void Dispose()
    {
        renewal.Dispose();
        ledger.Dispose();
    }

    private string Renew() =>
        $"{renewal.Renew(new RenewRequest(queue.Name, [.. held.Select(message => message.Lease)], queue.Visibility)).Results.Count(result => result == RenewResult.Renewed)}";

    private async Task<string> SettleAsync(int index, Settlement settlement) =>
        (await queue.SettleAsync(held.Single(message => message.Lease.Message == messages[index].Id), settlement)) == SettleResult.Stale ? "stale" : "done";

    private string Stood(CallStanding standing)
    {
        Standing = standing;
        return standing is CallStanding.Applied or CallStanding.Repeated ? "" : $"{standing} ";
    }

    private string Counts(IEnumerable<LeasedMessage> leased) =>
        string.Join(' ', leased.Select(message => $"{IndexOf(message.Lease.Message)}×{message.DeliveryCount}").Order());

    private string Text(StoredMessage letter) => $"{IndexOf(letter.Id)}×{letter.DeliveryCount} {letter.DeadLetterReason} {letter.Error}";

    private static string Text(QueueStatistics counts) =>
        $"{counts.Ready} ready, {counts.Scheduled} scheduled, {counts.Leased} leased, {counts.DeadLettered} dead";

    private int IndexOf(MessageId id) => Array.FindIndex(messages, message => message.Id == id);
}
