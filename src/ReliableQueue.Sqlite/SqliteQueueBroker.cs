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
        Info = new BrokerInfo("sqlite:" + file.Path, "SQLite", BrokerAbilities.None);
        Admin = new SqliteQueueAdmin(file, reader);
    }

    public BrokerInfo Info { get; }

    public IQueueAdmin Admin { get; }

    public Task<EnqueueReply> EnqueueAsync(EnqueueRequest request, CancellationToken cancellationToken)
    {
        DemandBatch(request.Messages.Count);
        return WriteAsync(request.Messages.Count, context => EnqueueStep.Run(context, request), cancellationToken);
    }

    public Task<LeaseReply> LeaseAsync(LeaseRequest request, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(request.MaxMessages, BrokerLimits.BatchSize);
        ArgumentOutOfRangeException.ThrowIfNegative(request.MaxMessages);
        return WriteAsync(request.MaxMessages, context => LeaseStep.Run(context, request), cancellationToken);
    }

    public Task<SettleReply> SettleAsync(SettleRequest request, CancellationToken cancellationToken)
    {
        DemandBatch(request.Settlements.Count);
        return Info.LackOf(request.Needs) is { } lack
            ? Task.FromException<SettleReply>(new BrokerException(BrokerFault.Refused, $"Queue file '{file.Path}', queue '{request.Queue}', settle: {lack}"))
            : WriteAsync(request.Settlements.Count, context => SettleStep.Run(context, request), cancellationToken);
    }

    public Task<ReturnReply> ReturnAsync(ReturnRequest request, CancellationToken cancellationToken) =>
        WriteAsync(BrokerLimits.BatchSize, context => ReturnStep.Run(context, request), cancellationToken);

    public IRenewalConnection OpenRenewalConnection() => new RenewalConnection(file);

    public IDisposable Listen(QueueName queue, Action<QueueHint> hint) => listener.Listen(queue, () => hint(QueueHint.Ready));

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

    private async Task<T> WriteAsync<T>(int weight, Func<WriteContext, T> step, CancellationToken cancellationToken)
        where T : notnull
    {
        cancellationToken.ThrowIfCancellationRequested();
        var operation = new WriteOperation<T>(file.Environment.Time.GetTimestamp(), weight, step);
        writer.Post(operation);
        try
        {
            // The writer answers a call that waits for others within CallTimeout. Twice that: the disk hangs in the middle of a commit.
            return await operation.Answer.WaitAsync(2 * file.CallTimeout, file.Environment.Time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException timeout)
        {
            throw new BrokerException(
                BrokerFault.Unknown, $"Queue file '{file.Path}' did not answer within twice CallTimeout ({file.CallTimeout}); its disk may hang.", timeout);
        }
    }
}
