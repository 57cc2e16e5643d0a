using ReliableQueue.Broker;
using ReliableQueue.BrokerContract;
using ReliableQueue.Storage;
using Xunit;

namespace ReliableQueue.Sqlite.Tests;

/// <summary>A row that fails its checksum is reported once, counted, kept, and never given out; everything around it goes on.</summary>
public sealed class DamagedRowTests : SqliteTest
{
    [Theory]
    [InlineData("UPDATE message SET losses = 7")]
    [InlineData("UPDATE message SET generation = 1")]
    [InlineData("UPDATE message SET crc = crc + 1")]
    [InlineData("UPDATE envelope SET bytes = x'00'")]
    [InlineData("DELETE FROM envelope")]
    public async Task A_damaged_message_is_reported_once_kept_and_never_given_out_while_the_others_are(string damage)
    {
        await using var broker = File.Open();
        var messages = await Client(broker).EnqueueAsync(3);
        Damage(damage + (damage.Contains("envelope", StringComparison.Ordinal) ? " WHERE number = 2" : $" WHERE id = x'{Hex(messages[1].Id)}'"));
        var worker = Client(broker);

        var first = worker.NextLease();
        var reply = await worker.SendAsync(first);
        Assert.Equal([messages[0].Id, messages[2].Id], reply.Messages.Select(message => message.Lease.Message));
        Assert.True(reply.Answer.StateRegressed);
        Assert.True((await worker.SendAsync(first)).Answer.StateRegressed);

        File.Time.Advance(2 * ContractClient.Visibility);
        var second = await worker.SendAsync(worker.NextLease());
        Assert.Equal((2, false), (second.Messages.Count, second.Answer.StateRegressed));
        Assert.Equal(1, (await broker.Admin.GetStatisticsAsync(Queue, Cancel)).Damaged);
        Assert.Null(await broker.Admin.FindAsync(new FindRequest(Queue, messages[1].Id), Cancel));
        Assert.Contains(File.Log, line => line.Contains(Hex(messages[1].Id).ToLowerInvariant(), StringComparison.Ordinal));
        Assert.Single(File.Log);
        Assert.Equal("damaged-messages", Assert.Single(await broker.Admin.CheckAsync(Cancel)).Code);
    }

    [Fact]
    public async Task A_damaged_message_that_is_deleted_is_counted_no_more()
    {
        await using var broker = File.Open();
        var messages = await Client(broker).EnqueueAsync(2);
        Damage("UPDATE message SET losses = 7");
        await Client(broker).LeaseAsync();
        Assert.Equal(2, (await broker.Admin.GetStatisticsAsync(Queue, Cancel)).Damaged);

        var deleted = await broker.Admin.DeleteAsync(new DeleteRequest(Queue, [messages[0].Id, messages[1].Id, messages[1].Id]), Cancel);

        Assert.Equal([DeleteResult.Deleted, DeleteResult.Deleted, DeleteResult.NotThere], deleted.Results);
        Assert.Equal(new QueueStatistics(0, 0, 0, 0, null), await broker.Admin.GetStatisticsAsync(Queue, Cancel));
        Assert.Empty(await broker.Admin.CheckAsync(Cancel));
    }

    [Fact]
    public async Task A_message_damaged_while_it_is_handled_lets_its_handler_finish()
    {
        await using var broker = File.Open();
        await Client(broker).EnqueueAsync(1);
        var worker = Client(broker);
        var leased = Assert.Single(await worker.LeaseAsync());
        Damage("UPDATE message SET losses = 7");
        using var renewal = broker.OpenRenewalConnection();

        Assert.Equal([RenewResult.Renewed], renewal.Renew(new RenewRequest(Queue, [leased.Lease], ContractClient.Visibility)).Results);
        Assert.Equal(SettleResult.Already, await worker.SettleAsync(leased, Settlement.Ack.Plain));

        File.Time.Advance(2 * ContractClient.Visibility);
        var reply = await worker.SendAsync(worker.NextLease());
        Assert.Equal((0, 0, true), (reply.Messages.Count, reply.Reclaimed, reply.Answer.StateRegressed));
        Assert.Null(reply.NextDue);
    }

    [Fact]
    public async Task A_damaged_message_of_a_session_that_is_returned_is_reported()
    {
        await using var broker = File.Open();
        await Client(broker).EnqueueAsync(2);
        var worker = Client(broker);
        var leased = await worker.LeaseAsync();
        Damage($"UPDATE message SET losses = 7 WHERE id = x'{Hex(leased[0].Lease.Message)}'");
        var returned = await worker.ReturnAsync();
        Assert.Equal((1, true, true), (returned.Returned, returned.IsComplete, returned.StateRegressed));
    }

    [Fact]
    public async Task A_damaged_lane_shows_as_a_loss_when_its_client_calls_again()
    {
        await using var broker = File.Open();
        var producer = Client(broker);
        await producer.EnqueueAsync(1);
        Damage("UPDATE call SET number = 5");
        var answer = await producer.SendAsync(producer.NextEnqueue(ContractClient.NewMessages(1)));
        Assert.Equal((CallStanding.Applied, true), (answer.Standing, answer.StateRegressed));
        Assert.Equal(2, (await broker.Admin.GetStatisticsAsync(Queue, Cancel)).Ready);
    }

    [Theory]
    [InlineData("UPDATE queue SET fence = 0")]
    [InlineData("UPDATE queue SET name = 'emailt'")]
    public async Task A_queue_whose_row_is_damaged_is_refused_and_not_begun_anew(string damage)
    {
        await using var broker = File.Open();
        await Client(broker).EnqueueAsync(1);
        await Client(broker).LeaseAsync();
        Damage(damage);
        var refusal = await Assert.ThrowsAsync<BrokerException>(() => Client(broker).LeaseAsync());
        Assert.Equal(BrokerFault.Refused, refusal.Fault);
        Assert.Contains("fails its checksum", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(await broker.Admin.CheckAsync(Cancel), finding => (finding.Severity, finding.Code) == (FindingSeverity.Refusal, "damaged-queue"));
    }

    [Fact]
    public async Task A_damaged_boot_id_ends_leases_rather_than_keep_them_by_another_clock()
    {
        await using (var broker = File.Open())
        {
            await Client(broker).EnqueueAsync(1);
            await Client(broker).LeaseAsync();
        }

        Damage("UPDATE machine SET crc = crc + 1");
        await using var successor = File.Open();
        Assert.Equal(2, Assert.Single(await Client(successor).LeaseAsync()).DeliveryCount);
    }

    [Fact]
    public async Task An_index_that_does_not_lead_to_a_message_is_found_at_start()
    {
        await using var broker = File.Open();
        await Client(broker).EnqueueAsync(5);
        Damage("PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE INDEX line ON message (queue, state, place) WHERE place <> 3' WHERE name = 'line'");
        Damage("REINDEX line");
        Damage("PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE INDEX line ON message (queue, state, place)' WHERE name = 'line'");
        await using var another = File.Open();
        var finding = Assert.Single(await another.Admin.CheckAsync(Cancel));
        Assert.Equal("damaged-index", finding.Code);
        Assert.Contains("leads to 4 messages, but the file holds 5", finding.Message, StringComparison.Ordinal);
    }

    private static string Hex(MessageId id) => Convert.ToHexString(id.ToByteArray());

    private void Damage(string sql)
    {
        using var stranger = Stranger();
        stranger.Execute(sql);
    }
}
