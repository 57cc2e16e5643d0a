using ReliableQueue.Broker;
using ReliableQueue.TestKit;
using Xunit;

namespace ReliableQueue.BrokerContract;

/// <summary>Which queues there are, and who handles them.</summary>
public abstract class AdminListingContract : ContractTests
{
    [Fact]
    public async Task ListQueues_ByPages_NamesEveryQueueOnceInOrder()
    {
        var queues = Enumerable.Range(0, 5).Select(_ => NewQueue()).ToList();
        foreach (var queue in queues)
        {
            await new ContractClient(Broker, queue).EnqueueAsync(1);
        }

        // A store may note a queue a moment after its first message, and may be shared with other tests, so it may name others as well.
        List<string> names = [];
        await Eventually.TrueAsync(
            async () =>
            {
                names = await NamesAsync();
                return queues.All(queue => names.Contains(queue.Value));
            },
            "every queue is listed");
        Assert.Equal(names.Distinct().Order(StringComparer.Ordinal), names);

        async Task<List<string>> NamesAsync()
        {
            List<string> read = [];
            string? after = null;
            do
            {
                var page = await Broker.Admin.ListQueuesAsync(new QueueListRequest(after, 2), Cancel);
                Assert.InRange(page.Names.Count, 0, 2);
                read.AddRange(page.Names.Select(name => name.Value));
                after = page.Next;
            }
            while (after is not null);
            return read;
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(BrokerLimits.BatchSize + 1)]
    public Task ListQueues_PageOfNoSizeABrokerTakes_IsAFaultOfTheCaller(int take) =>
        Assert.ThrowsAnyAsync<ArgumentException>(() => Broker.Admin.ListQueuesAsync(new QueueListRequest(null, take), Cancel));

    [Fact]
    public async Task ListWorkers_UnknownQueue_IsEmpty() => Assert.Empty(await WorkersAsync());

    [Fact]
    public async Task ListWorkers_SessionsThatHoldLeases_AreThereWithWhatTheyHoldMostFirst()
    {
        await Producer.EnqueueAsync(6);
        var (one, two, none) = (NewClient(), NewClient(), NewClient());
        await one.LeaseAsync(1);
        await two.LeaseAsync(3, visibility: 2 * Visibility);
        await none.LeaseAsync(0);

        var workers = await WorkersAsync();

        Assert.Equal([(two.Session, 3), (one.Session, 1)], workers.Select(worker => (worker.Session, worker.Held)));
        Assert.All(workers, worker => Assert.Equal((null, null), (worker.Worker, worker.Concurrency)));
        AssertApart(Visibility, workers[1].EarliestLeaseEnd, workers[0].EarliestLeaseEnd);
    }

    [Fact]
    public async Task ListWorkers_WorkerThatWasAnnounced_IsThereWithItsNameForAsLongAsItSaid()
    {
        await Broker.Admin.AnnounceAsync(Announcement(Worker, "host/1", 8), Cancel);
        Assert.Equal(new WorkerListing(Worker.Session, "host/1", 8, 0, null), Assert.Single(await WorkersAsync()));

        await Broker.Admin.AnnounceAsync(Announcement(Worker, "host/1", 4), Cancel);
        Assert.Equal(4, Assert.Single(await WorkersAsync()).Concurrency);

        await AdvanceAsync(PastVisibility);
        Assert.Empty(await WorkersAsync());
    }

    [Fact]
    public async Task ListWorkers_WorkerThatWithdraws_IsGoneAndTheOthersStay()
    {
        await Broker.Admin.AnnounceAsync(Announcement(Worker, "host/1", 8), Cancel);
        await Broker.Admin.AnnounceAsync(Announcement(NewClient(), "host/2", 8), Cancel);

        await Broker.Admin.AnnounceAsync(Announcement(Worker, "host/1", 8) with { For = TimeSpan.Zero }, Cancel);

        Assert.Equal("host/2", Assert.Single(await WorkersAsync()).Worker);
    }

    [Fact]
    public async Task ListWorkers_SessionThatWasReturned_IsGone()
    {
        await Broker.Admin.AnnounceAsync(Announcement(Worker, "host/1", 8), Cancel);

        await Worker.ReturnAsync();

        Assert.Empty(await WorkersAsync());
    }

    [Fact]
    public async Task ListWorkers_AnnouncedWorkerThatHoldsLeases_IsOneOfThem()
    {
        await Broker.Admin.AnnounceAsync(Announcement(Worker, "host/1", 8), Cancel);
        await Producer.EnqueueAsync(2);
        await Worker.LeaseAsync();
        var worker = Assert.Single(await WorkersAsync());
        Assert.Equal((Worker.Session, "host/1", 8, 2), (worker.Session, worker.Worker, worker.Concurrency, worker.Held));
        Assert.NotNull(worker.EarliestLeaseEnd);
    }

    [Fact]
    public async Task ListWorkers_SessionWhoseLeasesWereSettled_IsGone()
    {
        await Worker.SettleAsync(await LeaseNewAsync(), Ack);
        Assert.Empty(await WorkersAsync());
    }

    private WorkerAnnouncement Announcement(ContractClient worker, string name, int concurrency) => new(Queue, worker.Session, name, concurrency, Visibility);

    private Task<IReadOnlyList<WorkerListing>> WorkersAsync() => Broker.Admin.ListWorkersAsync(Queue, Cancel);
}
