using System.Globalization;
using System.Text;
using ReliableQueue.Broker;
using ReliableQueue.Redis.Tests.Security;
using ReliableQueue.TestKit;
using Xunit;

namespace ReliableQueue.Redis.Tests.Layouts;

/// <summary>A queue as each version of the layout left it is opened by this one: nothing is lost, no count begins anew, and who is dead stays dead.</summary>
public sealed class LayoutSampleTests(SharedRedis redis)
{
    // Looked for, because a build that maps paths does not know where its source lies.
    private static readonly string folder = Path.Combine(RestrictedRedis.SourceRoot(), "tests", "ReliableQueue.Redis.Tests", "Layouts", "Samples");

    private readonly string prefix = "l" + Guid.NewGuid().ToString("n")[..12];

    public static TheoryData<int> Versions => [.. Enumerable.Range(1, RedisLayout.Current.Version)];

    private RedisKeys Keys => new(prefix, QueueName.Parse("emails"));

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_queue_of_every_version_is_opened_with_all_its_messages(int version)
    {
        await KeyDump.WriteAsync(redis.Database, Keys, await File.ReadAllLinesAsync(SampleOf(version)));
        await using var broker = Open();
        var queue = new TestQueue(broker);

        Assert.True((await queue.CountAsync()).IsPaused);
        await broker.Admin.ResumeAsync(queue.Name, CancellationToken.None);
        List<string> leased = [];
        await Eventually.TrueAsync(
            async () =>
            {
                // One suspect at a time, as a worker would. The leases of then ran out long ago, and what was scheduled is due.
                var reply = await queue.LeaseAsync(100);
                Assert.False(reply.Answer.StateRegressed);
                if (reply.Messages.Count == 0)
                {
                    return true;
                }

                await queue.AckAsync(reply.Messages);
                leased.AddRange(reply.Messages.Select(message =>
                    $"{Encoding.UTF8.GetString(message.Envelope.Span)}: delivery {message.DeliveryCount}, {message.WorkerLosses} lost, generation {message.Generation}"));
                return false;
            },
            "the queue is drained");

        Assert.Equal(
            [
                "fresh: delivery 1, 0 lost, generation 0", "held again: delivery 3, 1 lost, generation 0", "held: delivery 2, 1 lost, generation 0",
                "lost: delivery 2, 1 lost, generation 0", "redriven: delivery 1, 0 lost, generation 1", "released: delivery 1, 0 lost, generation 0",
                "retried: delivery 2, 0 lost, generation 0", "scheduled: delivery 2, 0 lost, generation 0", "suspect: delivery 3, 2 lost, generation 0",
            ],
            leased.Order(StringComparer.Ordinal));
        Assert.Equal(
            ["late: Unreadable ", "limit: DeliveryLimit busy", "rejected: Rejected no such address"],
            (await broker.DeadLettersAsync(queue.Name, CancellationToken.None))
                .Select(dead => $"{Encoding.UTF8.GetString(dead.Envelope.Span)}: {dead.DeadLetterReason} {dead.Error}").Order(StringComparer.Ordinal));
        Assert.Equal((0, 0, 0, 3), await queue.CountAsync() is var counts ? (counts.Ready, counts.Scheduled, counts.Leased, counts.DeadLettered) : default);
        Assert.Empty(await broker.Admin.ListWorkersAsync(queue.Name, CancellationToken.None));
    }

    [Fact]
    public async Task What_is_stored_today_has_the_shape_of_the_newest_sample()
    {
        await using (var broker = Open())
        {
            await new SampleStory(broker, Keys.Queue).TellAsync();
        }

        var today = await KeyDump.ReadAsync(redis.Database, Keys);
        if (Environment.GetEnvironmentVariable("RELIABLEQUEUE_WRITE_SAMPLE") is not null)
        {
            await File.WriteAllLinesAsync(SampleOf(RedisLayout.Current.Version), today);
        }

        // A difference means that older clients meet something they do not know, and that queues of theirs are met: raise RedisLayout.Version, add a migration, and write the
        // sample of the new version with RELIABLEQUEUE_WRITE_SAMPLE=1. The sample of a version is never written again.
        Assert.Equal(KeyDump.ShapeOf(await File.ReadAllLinesAsync(SampleOf(RedisLayout.Current.Version))), KeyDump.ShapeOf(today));
    }

    private static string SampleOf(int version) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"layout-{version}.txt"));

    private IQueueBroker Open() =>
        RedisBroker.Open(new RedisBrokerOptions { Configuration = redis.Server.Configuration, Prefix = prefix, CallTimeout = TimeSpan.FromSeconds(20) });
}
