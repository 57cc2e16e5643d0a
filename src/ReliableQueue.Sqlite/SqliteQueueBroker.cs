using ReliableQueue.Broker;

namespace ReliableQueue.Sqlite;

/// <summary>The embedded broker: the port, laid on a writer, a reader, a listener and renewal connections, each with a connection of its own to one file.</summary>
internal sealed class SqliteQueueBroker : IQueueBroker
{
    private readonly QueueFile file;
    private readonly HintListener listener;
    private readonly Writer writer;
    private readonly SnapshotReader reader;

    public SqliteQueueBroker(QueueFile file)
    {
        this.file = file;
        listener = new HintListener(file);
        writer = new Writer(file, listener.Wake);
        reader = new SnapshotReader(file);
        Info = new BrokerInfo("sqlite:" + file.Path, "SQLite", BrokerAbilities.Pause | BrokerAbilities.Redrive);
        Admin = new SqliteQueueAdmin(file, reader, writer);
    }

    public BrokerInfo Info { get; }

    public IQueueAdmin Admin { get; }

    public Task<EnqueueReply> EnqueueAsync(EnqueueRequest request, CancellationToken cancellationToken)
    {
        DemandBatch(request.Messages.Count);
        return writer.RunAsync(request.Messages.Count, context => EnqueueStep.Run(context, request), cancellationToken);
    }

    public Task<LeaseReply> LeaseAsync(LeaseRequest request, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(request.MaxMessages, BrokerLimits.BatchSize);
        ArgumentOutOfRangeException.ThrowIfNegative(request.MaxMessages);
        return writer.RunAsync(request.MaxMessages, context => LeaseStep.Run(context, request), cancellationToken);
    }

    public Task<SettleReply> SettleAsync(SettleRequest request, CancellationToken cancellationToken)
    {
        DemandBatch(request.Settlements.Count);
        return Info.LackOf(request.Needs) is { } lack
            ? Task.FromException<SettleReply>(new BrokerException(BrokerFault.Refused, $"Queue file '{file.Path}', queue '{request.Queue}', settle: {lack}"))
            : writer.RunAsync(request.Settlements.Count, context => SettleStep.Run(context, request), cancellationToken);
    }

    public Task<ReturnReply> ReturnAsync(ReturnRequest request, CancellationToken cancellationToken) =>
        writer.RunAsync(BrokerLimits.BatchSize, context => ReturnStep.Run(context, request), cancellationToken);

    public IRenewalConnection OpenRenewalConnection() => new RenewalConnection(file);

    public IHintSubscription Listen(QueueName queue, Action<QueueHint> hint) => listener.Listen(queue, hint);

    public async ValueTask DisposeAsync()
    {
        await writer.CloseAsync().ConfigureAwait(false);
        file.Closing.Close();
        await listener.Ended.ConfigureAwait(false);
        reader.Dispose();
    }

    /// <summary>A batch of a size no broker takes is a fault of the caller, not of the broker.</summary>
    internal static void DemandBatch(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, BrokerLimits.BatchSize);
    }
}
