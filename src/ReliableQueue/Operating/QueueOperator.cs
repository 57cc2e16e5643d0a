using System.Runtime.CompilerServices;
using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;
using ReliableQueue.Messages;

namespace ReliableQueue.Operating;

/// <summary>What an operator needs of the options of its set.</summary>
/// <param name="Timeout">How long a call is tried.</param>
/// <param name="Limits">What is larger is shown as unreadable, as a worker of the set would call it.</param>
/// <param name="Serializer">How bodies are read.</param>
internal sealed record OperatorSettings(TimeSpan Timeout, MessageLimits Limits, IMessageSerializer Serializer);

/// <summary>Turns what people ask into calls of the broker's cold half: names into queues, any number of ids into batches, pages into streams, bytes into messages.</summary>
internal sealed class QueueOperator(IQueueBroker broker, OperatorSettings settings, Surroundings surroundings) : IQueueOperator
{
    /// <summary>Fewer than a call may have: a page of envelopes is held in memory at once, on both sides.</summary>
    public const int PageSize = 100;

    private static readonly TimeSpan LongestPause = TimeSpan.FromDays(365);

    private readonly AdminCalls calls = new(settings.Timeout, surroundings);

    private IQueueAdmin Admin => broker.Admin;

    public async IAsyncEnumerable<string> ListQueuesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var after = default(string);
        do
        {
            var request = new QueueListRequest(after, BrokerLimits.BatchSize);
            var page = await calls.AskAsync(new OperationProgress(null, "listing"), () => Admin.ListQueuesAsync(request, cancellationToken), cancellationToken).ConfigureAwait(false);
            foreach (var name in page.Names)
            {
                yield return name.Value;
            }

            after = page.Next;
        }
        while (after is not null);
    }

    public Task<QueueStatistics> GetStatisticsAsync(string queue, CancellationToken cancellationToken)
    {
        var name = QueueName.Parse(queue);
        return calls.AskAsync(new OperationProgress(name, "counting"), () => Admin.GetStatisticsAsync(name, cancellationToken), cancellationToken);
    }

    public IAsyncEnumerable<MessageView> BrowseAsync(string queue, MessageState state, CancellationToken cancellationToken) =>
        BrowsePagesAsync(QueueName.Parse(queue), Checked(state), cancellationToken);

    public async Task<MessageView?> FindAsync(string queue, MessageId id, CancellationToken cancellationToken)
    {
        var request = new FindRequest(QueueName.Parse(queue), id);
        var found = await calls.AskAsync(new OperationProgress(request.Queue, "finding"), () => Admin.FindAsync(request, cancellationToken), cancellationToken).ConfigureAwait(false);
        return found is null ? null : View(found);
    }

    public async Task<OperationResult> RedriveAsync(string queue, IEnumerable<MessageId> ids, CancellationToken cancellationToken)
    {
        var name = QueueName.Parse(queue);
        Demand(BrokerAbilities.Redrive);
        var signals = new QueueSignals(name, surroundings);
        return await ChangeAsync(new OperationProgress(name, "redriving"), ids, RedriveBatchAsync, signals.Redriven, cancellationToken).ConfigureAwait(false);

        async Task<IEnumerable<bool>> RedriveBatchAsync(IReadOnlyList<MessageId> batch)
        {
            var reply = await Admin.RedriveAsync(new RedriveRequest(name, batch), cancellationToken).ConfigureAwait(false);
            return reply.Results.Select(result => result == RedriveResult.Redriven);
        }
    }

    public async Task<OperationResult> DeleteAsync(string queue, IEnumerable<MessageId> ids, CancellationToken cancellationToken)
    {
        var name = QueueName.Parse(queue);
        var signals = new QueueSignals(name, surroundings);
        return await ChangeAsync(new OperationProgress(name, "deleting"), ids, DeleteBatchAsync, signals.Deleted, cancellationToken).ConfigureAwait(false);

        async Task<IEnumerable<bool>> DeleteBatchAsync(IReadOnlyList<MessageId> batch)
        {
            var reply = await Admin.DeleteAsync(new DeleteRequest(name, batch), cancellationToken).ConfigureAwait(false);
            return reply.Results.Select(result => result == DeleteResult.Deleted);
        }
    }

    public async Task<long> PurgeAsync(string queue, MessageState state, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        var request = new PurgeRequest(QueueName.Parse(queue), Checked(state), BrokerLimits.BatchSize);
        var operation = new OperationProgress(request.Queue, "purging");
        try
        {
            while (true)
            {
                var reply = await calls.AskAsync(operation, () => Admin.PurgeAsync(request, cancellationToken), cancellationToken).ConfigureAwait(false);
                operation = operation with { Done = operation.Done + reply.Purged };
                progress?.Report(operation.Done);
                if (reply.IsComplete)
                {
                    return operation.Done;
                }
            }
        }
        finally
        {
            new QueueSignals(request.Queue, surroundings).Purged(state, operation.Done);
        }
    }

    public async Task PauseAsync(string queue, TimeSpan? duration, CancellationToken cancellationToken)
    {
        var request = new PauseRequest(QueueName.Parse(queue), duration);
        if (duration <= TimeSpan.Zero || duration > LongestPause)
        {
            throw new ArgumentOutOfRangeException(nameof(duration), duration, $"A queue is paused for more than zero and at most {LongestPause.TotalDays} days, or until it is resumed (null).");
        }

        Demand(BrokerAbilities.Pause);
        await calls.AskAsync(new OperationProgress(request.Queue, "pausing"), () => Admin.PauseAsync(request, cancellationToken), cancellationToken).ConfigureAwait(false);
        new QueueSignals(request.Queue, surroundings).Paused(duration);
    }

    public async Task ResumeAsync(string queue, CancellationToken cancellationToken)
    {
        var name = QueueName.Parse(queue);
        Demand(BrokerAbilities.Pause);
        await calls.AskAsync(new OperationProgress(name, "resuming"), () => Admin.ResumeAsync(name, cancellationToken), cancellationToken).ConfigureAwait(false);
        new QueueSignals(name, surroundings).Resumed();
    }

    public async Task<IReadOnlyList<WorkerView>> ListWorkersAsync(string queue, CancellationToken cancellationToken)
    {
        var name = QueueName.Parse(queue);
        var workers = await calls
            .AskAsync(new OperationProgress(name, "listing workers"), () => Admin.ListWorkersAsync(name, cancellationToken), cancellationToken).ConfigureAwait(false);
        return [.. workers.Select(worker => new WorkerView(worker.Session.ToString(), worker.Worker, worker.Concurrency, worker.Held, worker.EarliestLeaseEnd))];
    }

    private static MessageState Checked(MessageState state) =>
        Enum.IsDefined(state) ? state : throw new ArgumentOutOfRangeException(nameof(state), state, $"A message is {string.Join(", ", Enum.GetNames<MessageState>())}.");

    private async IAsyncEnumerable<MessageView> BrowsePagesAsync(QueueName queue, MessageState state, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var cursor = default(string);
        do
        {
            var request = new BrowseRequest(queue, state, cursor, PageSize);
            var page = await calls.AskAsync(new OperationProgress(queue, "browsing"), () => Admin.BrowseAsync(request, cancellationToken), cancellationToken).ConfigureAwait(false);
            foreach (var stored in page.Messages)
            {
                yield return View(stored);
            }

            cursor = page.NextCursor;
        }
        while (cursor is not null);
    }

    /// <summary>Does something to named messages, batch by batch, and tells how many it was done to, however it ends.</summary>
    /// <param name="operation">What is done.</param>
    /// <param name="ids">To which messages.</param>
    /// <param name="change">One call: for each message of the batch, in order, whether it was done.</param>
    /// <param name="tell">Told at the end to how many messages it was done.</param>
    /// <param name="cancellationToken">Stops between two calls.</param>
    private async Task<OperationResult> ChangeAsync(
        OperationProgress operation, IEnumerable<MessageId> ids, Func<IReadOnlyList<MessageId>, Task<IEnumerable<bool>>> change, Action<long> tell, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var notThere = new List<MessageId>();
        try
        {
            foreach (var batch in ids.Distinct().Chunk(BrokerLimits.BatchSize))
            {
                var results = await calls.AskAsync(operation, () => change(batch), cancellationToken).ConfigureAwait(false);
                var missing = batch.Zip(results).Where(each => !each.Second).Select(each => each.First).ToList();
                notThere.AddRange(missing);
                operation = operation with { Done = operation.Done + batch.Length - missing.Count };
            }

            return new OperationResult((int)operation.Done, notThere);
        }
        finally
        {
            tell(operation.Done);
        }
    }

    private void Demand(BrokerAbilities needed)
    {
        if (broker.Info.LackOf(needed) is { } lack)
        {
            throw new NotSupportedException(lack);
        }
    }

    private MessageView View(StoredMessage stored) => MessageView.Of(stored, settings.Limits, settings.Serializer);
}
