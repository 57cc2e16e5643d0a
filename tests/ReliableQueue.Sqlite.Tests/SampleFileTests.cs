using System.Runtime.CompilerServices;
using ReliableQueue.Broker;
using ReliableQueue.BrokerContract;
using ReliableQueue.Storage;
using Xunit;
using IOFile = System.IO.File;

namespace ReliableQueue.Sqlite.Tests;

/// <summary>
/// A queue file of each version, as the library of its time wrote it: <c>Samples/queue-1.db</c> and on. A new version needs a new sample: run these tests once with
/// RELIABLEQUEUE_MAKE_SAMPLES=1 and commit it. No sample is ever made again.
/// </summary>
public sealed class SampleFileTests : SqliteTest
{
    private const string Error = "no answer from the server";

    public static TheoryData<int> Versions => [.. Enumerable.Range(1, Migrations.Shipped.Version)];

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_file_of_every_version_is_opened_leased_and_settled(int version)
    {
        Copy(version);
        await using var broker = File.Open(boot: "another");
        Assert.DoesNotContain(await broker.Admin.CheckAsync(Cancel), finding => finding.Code != "not-private");
        Assert.Equal(new QueueStatistics(3, 1, 1, 1, null), await broker.Admin.GetStatisticsAsync(Queue, Cancel) with { OldestReady = null });
        var dead = Assert.Single((await broker.Admin.BrowseAsync(new BrowseRequest(Queue, MessageState.DeadLettered, Cursor: null, Take: 10), Cancel)).Messages);
        Assert.Equal(((DeadLetterReason?)DeadLetterReason.Rejected, Error, 1), (dead.DeadLetterReason, dead.Error, dead.DeliveryCount));
        Assert.Equal([RedriveResult.Redriven], (await broker.Admin.RedriveAsync(new RedriveRequest(Queue, [dead.Id]), Cancel)).Results);

        File.Time.JumpWall(TimeSpan.FromDays(400));
        var worker = Client(broker);
        var reply = await worker.SendAsync(worker.NextLease());
        Assert.Equal((6, 1, false), (reply.Messages.Count, reply.Reclaimed, reply.Answer.StateRegressed));
        Assert.Equal([1, 1, 1, 1, 2, 2], reply.Messages.Select(message => message.DeliveryCount).Order());
        Assert.Equal([0, 1, 2, 3, 4, 5], reply.Messages.Select(message => (int)message.Envelope.Span[0]).Order());
        foreach (var message in reply.Messages)
        {
            Assert.Equal(SettleResult.Settled, await worker.SettleAsync(message, Settlement.Ack.Plain));
        }

        Assert.Equal(new QueueStatistics(0, 0, 0, 0, null), await broker.Admin.GetStatisticsAsync(Queue, Cancel));
    }

    [Fact]
    public async Task The_tables_of_the_newest_version_are_those_of_its_sample()
    {
        if (Environment.GetEnvironmentVariable("RELIABLEQUEUE_MAKE_SAMPLES") == "1")
        {
            await MakeAsync();
        }

        Copy(Migrations.Shipped.Version);
        using var sample = Stranger();
        using var file = new TemporaryFile();
        Directory.CreateDirectory(Path.GetDirectoryName(file.Path) ?? "");
        IOFile.WriteAllBytes(file.Path, []);
        using var made = Connection.Open(file.Path);
        Migrations.Shipped.Run(made);
        Assert.Equal(TablesOf(made), TablesOf(sample));
    }

    private static async Task MakeAsync()
    {
        using var file = new TemporaryFile();
        await using (var broker = file.Open())
        {
            var worker = Client(broker);
            await worker.EnqueueAsync(6);
            var leased = await worker.LeaseAsync(3);
            await worker.SettleAsync(leased[0], new Settlement.Retry(TimeSpan.FromDays(1), Error));
            await worker.SettleAsync(leased[1], new Settlement.DeadLetter(DeadLetterReason.Rejected, Error));
            await broker.Admin.AnnounceAsync(new WorkerAnnouncement(Queue, worker.Session, "sample", Concurrency: 1, TimeSpan.FromHours(1)), Cancel);
            await Client(broker).ReturnAsync();
        }

        IOFile.Copy(file.Path, SourceOf(Migrations.Shipped.Version));
    }

    private static string TablesOf(Connection connection)
    {
        using var select = connection.Use("SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name)");
        return select.Step() ? select.Text(0) ?? "" : "";
    }

    private static string SourceOf(int version, [CallerFilePath] string test = "") =>
        Path.Combine(Path.GetDirectoryName(test) ?? "", "Samples", $"queue-{version}.db");

    private void Copy(int version)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File.Path) ?? "");
        IOFile.Copy(Path.Combine(AppContext.BaseDirectory, "Samples", $"queue-{version}.db"), File.Path);
    }
}
