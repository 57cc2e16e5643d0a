using ReliableQueue.Broker;

namespace ReliableQueue.BrokerContract;

/// <summary>What a broker in memory gives the suite: it is its own store, and looks at a clock that is moved by hand.</summary>
/// <param name="broker">The broker.</param>
/// <param name="advance">Moves its clock.</param>
public abstract class InMemoryHarness(IQueueBroker broker, Action<TimeSpan> advance) : BrokerHarness
{
    public override IQueueBroker Broker => broker;

    public override bool CountsDueAsReady => true;

    public override Task AdvanceAsync(QueueName queue, TimeSpan by)
    {
        advance(by);
        return Task.CompletedTask;
    }

    /// <summary>The same object: it is its store, and disposing it ends nothing.</summary>
    public override IQueueBroker OpenAnother() => broker;

    public override ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return broker.DisposeAsync();
    }
}
