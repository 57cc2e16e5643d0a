using ReliableQueue.Broker;

namespace ReliableQueue.BrokerContract;

/// <summary>
/// What a broker gives the contract suite. To test a broker of your own: reference this project, write one harness, and derive from each abstract class
/// named <c>*Contract</c> an empty test class whose <c>StartAsync</c> makes that harness. A broker that passes them all keeps the promises of
/// <see cref="IQueueBroker"/>; the suite knows nothing of it but that port.
/// </summary>
public abstract class BrokerHarness : IAsyncDisposable
{
    /// <summary>The broker under test. Its store may be shared with other tests: each uses a queue of its own.</summary>
    public abstract IQueueBroker Broker { get; }

    /// <summary>How many random sequences the model test runs, of 60 commands each.</summary>
    public virtual int ModelSequences => 100;

    /// <summary>
    /// Whether a message counts as ready as soon as it is due. A store moves it when it is next leased from, and counts it as scheduled until then; a broker in memory that
    /// looks at the clock instead says so here.
    /// </summary>
    public virtual bool CountsDueAsReady => false;

    /// <summary>
    /// Makes the broker's time pass for one queue, without sleeping: a store with a clock of its own moves the deadlines and due times back instead.
    /// </summary>
    public abstract Task AdvanceAsync(QueueName queue, TimeSpan by);

    /// <summary>Another broker object on the same store, as another process would have. The caller disposes it.</summary>
    public abstract IQueueBroker OpenAnother();

    public abstract ValueTask DisposeAsync();
}
