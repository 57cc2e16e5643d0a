using ReliableQueue.Broker;
using ReliableQueue.BrokerContract;

namespace ReliableQueue.Sqlite.Tests;

/// <summary>The embedded broker on a new file, its clock moved by hand.</summary>
internal sealed class SqliteHarness : BrokerHarness
{
    private readonly TemporaryFile file = new();

    public SqliteHarness() => Broker = file.Open();

    public override IQueueBroker Broker { get; }

    public override Task AdvanceAsync(QueueName queue, TimeSpan by)
    {
        file.Time.Advance(by);
        return Task.CompletedTask;
    }

    public override IQueueBroker OpenAnother() => file.Open();

    public override async ValueTask DisposeAsync()
    {
        await Broker.DisposeAsync();
        file.Dispose();
    }
}
