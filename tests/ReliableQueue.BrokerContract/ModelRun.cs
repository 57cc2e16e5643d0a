using ReliableQueue.Broker;
using Xunit;

namespace ReliableQueue.BrokerContract;

/// <summary>
/// One random sequence. Times are chosen so that nothing ends within twenty seconds of a comparison: advances are multiples of 40 s, timeouts and delays are not,
/// which leaves a broker on a real clock room for the time the commands take.
/// </summary>
internal sealed class ModelRun
{
    private const int MaxDeliveries = 4;

    private readonly BrokerHarness harness;
    private readonly QueueName queue;
    private readonly Random random;
    private readonly Specification specification = new();
    private readonly ContractClient producer;
    private readonly ContractClient[] workers;
    private readonly HashSet<ContractClient> fenced = [];
    private readonly Dictionary<ContractClient, LeaseRequest> lastLeases = [];
    private readonly List<EnqueueRequest> enqueues = [];
    private readonly List<HeldLease> given = [];

    public ModelRun(BrokerHarness harness, QueueName queue, int seed)
    {
        this.harness = harness;
        this.queue = queue;
        random = new Random(seed);
        producer = new ContractClient(harness.Broker, queue);
        workers = [.. Enumerable.Range(0, 4).Select(_ => new ContractClient(harness.Broker, queue))];
    }

    /// <summary>What was done, for the text of a failure.</summary>
    public List<string> Log { get; } = [];

    public async Task StepAsync()
    {
        await (random.Next(20) switch
        {
            < 3 => EnqueueAsync(),
            < 4 => RepeatEnqueueAsync(),
            < 8 => LeaseAsync(),
            < 9 => RepeatLeaseAsync(),
            < 11 => RenewAsync(),
            < 16 => SettleAsync(),
            < 19 => AdvanceAsync(),
            _ => ReturnAsync(),
        });
        specification.AssertStatistics(await harness.Broker.Admin.GetStatisticsAsync(queue, TestContext.Current.CancellationToken), harness.CountsDueAsReady);
    }

    private async Task EnqueueAsync()
    {
        var messages = Enumerable.Range(0, random.Next(1, 5)).Select(_ => ContractClient.NewMessage(Bytes()) with { Terms = Terms() }).ToArray();
        var request = producer.NextEnqueue(messages);
        Log.Add($"enqueue {messages.Length}, delays {string.Join(' ', messages.Select(message => message.Terms?.Delay ?? TimeSpan.Zero))}");
        enqueues.Add(request);
        specification.Enqueue(request, await producer.SendAsync(request));
    }

    private MessageTerms? Terms() => random.Next(4) == 0 ? new MessageTerms { Delay = TimeSpan.FromSeconds(Pick([100, 300])) } : null;

    private async Task RepeatEnqueueAsync()
    {
        if (enqueues.Count == 0)
        {
            return;
        }

        var index = random.Next(enqueues.Count);
        Log.Add($"enqueue number {index + 1} again");
        specification.Enqueue(enqueues[index], await producer.SendAsync(enqueues[index]));
    }

    private async Task LeaseAsync()
    {
        var worker = Pick(workers);
        var request = worker.NextLease(random.Next(5), random.Next(2), int.MaxValue, TimeSpan.FromSeconds(Pick([100, 300])), MaxDeliveries);
        var reply = await worker.SendAsync(request);
        Log.Add($"lease by {worker.Session}, max {request.MaxMessages}, suspects {request.MaxSuspects}, {request.VisibilityTimeout}: {reply.Messages.Count}");
        specification.Lease(request, reply);

        lastLeases[worker] = request;
        given.AddRange(reply.Messages.Select(message => message.Lease));
    }

    private async Task RepeatLeaseAsync()
    {
        var worker = Pick(workers);
        if (fenced.Contains(worker) || !lastLeases.TryGetValue(worker, out var last))
        {
            return;
        }

        Log.Add($"lease by {worker.Session} again");
        specification.Lease(last, await worker.SendAsync(last));
    }

    private Task RenewAsync()
    {
        if (given.Count > 0)
        {
            var lease = PickLease();
            var visibility = TimeSpan.FromSeconds(Pick([100, 300]));
            using var connection = harness.Broker.OpenRenewalConnection();
            Log.Add($"renew {lease} for {visibility}");
            Assert.Equal([specification.Renew(lease, visibility)], connection.Renew(new RenewRequest(queue, [lease], visibility)).Results);
        }

        return Task.CompletedTask;
    }

    private async Task SettleAsync()
    {
        if (given.Count == 0)
        {
            return;
        }

        var lease = PickLease();
        var delay = TimeSpan.FromSeconds(Pick([0, 60, 180]));
        var settlement = Pick<Settlement>(
            [Settlement.Ack.Plain, new Settlement.Retry(delay, null), new Settlement.Release(delay), new Settlement.DeadLetter(DeadLetterReason.Rejected, null)]);
        Log.Add($"settle {lease}: {settlement}");
        var reply = await harness.Broker.SettleAsync(new SettleRequest(queue, [new LeaseSettlement(lease, settlement)]), TestContext.Current.CancellationToken);
        Assert.Equal([specification.Settle(lease, settlement)], reply.Results);
    }

    private async Task AdvanceAsync()
    {
        var seconds = Pick([40, 80, 120, 360]);
        Log.Add($"advance {seconds} s");
        await harness.AdvanceAsync(queue, TimeSpan.FromSeconds(seconds));
        specification.Advance(seconds);
    }

    private async Task ReturnAsync()
    {
        var worker = Pick(workers);
        Log.Add($"return {worker.Session}");
        specification.Return(new ReturnRequest(queue, worker.Session, MaxDeliveries), await worker.ReturnAsync(MaxDeliveries));

        // The dead one stays among the workers half of the time, to see that it is fenced out.
        fenced.Add(worker);
        if (random.Next(2) == 0)
        {
            workers[Array.IndexOf(workers, worker)] = new ContractClient(harness.Broker, queue);
        }
    }

    private byte[] Bytes()
    {
        var bytes = new byte[random.Next(40)];
        random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>Mostly one of the newest, which still holds; sometimes one long stale.</summary>
    private HeldLease PickLease() => random.Next(4) == 0 ? Pick(given) : Pick(given.TakeLast(6).ToList());

    private T Pick<T>(IReadOnlyList<T> items) => items[random.Next(items.Count)];
}
