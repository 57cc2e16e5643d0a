using ReliableQueue.Broker;
using Xunit;

namespace ReliableQueue.BrokerContract;

/// <summary>Storing messages.</summary>
public abstract class EnqueuingContract : ContractTests
{
    [Fact]
    public async Task Enqueue_NewQueue_MessagesAreReady()
    {
        await Producer.EnqueueAsync(3);
        await AssertCountsAsync(ready: 3);
    }

    [Fact]
    public async Task Messages_are_leased_in_the_order_they_were_enqueued()
    {
        var first = await Producer.EnqueueAsync(3);
        var second = await Producer.EnqueueAsync(2);
        var leased = await Worker.LeaseAsync();
        Assert.Equal(first.Concat(second).Select(message => message.Id), leased.Select(message => message.Lease.Message));
    }

    [Fact]
    public async Task Enqueue_WholeBatch_AllAreLeasedInOrder()
    {
        var messages = await Producer.EnqueueAsync(BrokerLimits.BatchSize);
        var leased = await Worker.LeaseAsync(BrokerLimits.BatchSize);
        Assert.Equal(messages.Select(message => message.Id), leased.Select(message => message.Lease.Message));
    }

    [Fact]
    public async Task Envelope_EveryByteValue_ComesBackByteForByte()
    {
        byte[] all = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];
        await Producer.SendAsync(Producer.NextEnqueue(ContractClient.NewMessage(all)));
        Assert.Equal(all, Assert.Single(await Worker.LeaseAsync()).Envelope.ToArray());
    }

    [Fact]
    public async Task Envelope_Empty_ComesBackEmpty()
    {
        await Producer.SendAsync(Producer.NextEnqueue(ContractClient.NewMessage()));
        Assert.Empty(Assert.Single(await Worker.LeaseAsync()).Envelope.ToArray());
    }

    [Fact]
    public async Task Envelope_OneMebibyte_ComesBackByteForByte()
    {
        var large = new byte[1 << 20];
        SystemRandomSource.Instance.Fill(large);
        await Producer.SendAsync(Producer.NextEnqueue(ContractClient.NewMessage(large)));
        Assert.True(Assert.Single(await Worker.LeaseAsync()).Envelope.Span.SequenceEqual(large));
    }

    [Fact]
    public async Task Queues_are_independent()
    {
        var other = new ContractClient(Broker, NewQueue());
        await Producer.EnqueueAsync(1);
        Assert.Empty(await other.LeaseAsync());
        var ours = Assert.Single(await Worker.LeaseAsync());
        Assert.Equal(SettleResult.Already, await other.SettleAsync(ours, Ack));
        await AssertCountsAsync(leased: 1);
    }

    [Fact]
    public async Task Epoch_AllCalls_StaysTheSame()
    {
        var first = await Producer.SendAsync(Producer.NextEnqueue(ContractClient.NewMessages(1)));
        var second = await Producer.SendAsync(Producer.NextEnqueue(ContractClient.NewMessages(1)));
        var lease = await Worker.SendAsync(Worker.NextLease());
        Assert.NotEqual(0, first.Epoch);
        Assert.Equal((first.Epoch, first.Epoch), (second.Epoch, lease.Answer.Epoch));
    }

    [Fact]
    public async Task Epoch_AnotherBrokerOnTheStore_IsTheSame()
    {
        var first = await Producer.SendAsync(Producer.NextEnqueue(ContractClient.NewMessages(1)));
        await using var another = Harness.OpenAnother();
        var client = new ContractClient(another, Queue);
        Assert.Equal(first.Epoch, (await client.SendAsync(client.NextEnqueue(ContractClient.NewMessages(1)))).Epoch);
    }

    [Fact]
    public async Task Identity_AnotherBrokerOnTheStore_IsTheSame()
    {
        await using var another = Harness.OpenAnother();
        Assert.Equal(Broker.Info, another.Info);
    }

    [Fact]
    public async Task Enqueue_ByAnotherBrokerOnTheStore_IsLeasedHere()
    {
        await using var another = Harness.OpenAnother();
        var messages = await new ContractClient(another, Queue).EnqueueAsync(1);
        Assert.Equal(messages[0].Id, Assert.Single(await Worker.LeaseAsync()).Lease.Message);
    }

    [Fact]
    public async Task Check_UsableStore_RefusesNothing() =>
        Assert.DoesNotContain(await Broker.Admin.CheckAsync(Cancel), finding => finding.Severity == FindingSeverity.Refusal);
}
