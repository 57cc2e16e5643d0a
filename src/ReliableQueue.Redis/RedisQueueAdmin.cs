using System.Globalization;
using ReliableQueue.Broker;

namespace ReliableQueue.Redis;

/// <summary>The cold half of the port on Redis.</summary>
internal sealed class RedisQueueAdmin(ScriptCalls calls) : IQueueAdmin
{
    public async Task<IReadOnlyList<BrokerFinding>> CheckAsync(CancellationToken cancellationToken)
    {
        var reports = await calls.Link.ReadReportsAsync(calls.Scripts.Info, cancellationToken).ConfigureAwait(false);
        return RedisChecks.Judge(calls.Link.Source.Address ?? calls.Link.Current()?.Address, reports);
    }

    public Task<QueueListReply> ListQueuesAsync(QueueListRequest request, CancellationToken cancellationToken) => throw NotYet("list queues");

    public async Task<QueueStatistics> GetStatisticsAsync(QueueName queue, CancellationToken cancellationToken)
    {
        var reply = await RunAsync(calls.Scripts.Statistics, queue, keys => keys.Statistics, [], cancellationToken).ConfigureAwait(false);
        var heads = reply.Skip(4).Select(id => MessageId.Read(id).CreatedAt).ToArray();
        return new QueueStatistics(
            ScriptReply.Number(reply[0]), ScriptReply.Number(reply[1]), ScriptReply.Number(reply[2]), ScriptReply.Number(reply[3]),
            heads.Length == 0 ? null : heads.Min());
    }

    public async Task<BrowseReply> BrowseAsync(BrowseRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        RedisQueueBroker.CheckCount(request.Take, 1);
        if (request.State != MessageState.DeadLettered)
        {
            throw NotYet($"browse messages that are {request.State}");
        }

        // The cursor is how many of the oldest were read.
        var skip = SkipOf(request.Cursor);
        byte[][] arguments = [ScriptArguments.Number(skip), ScriptArguments.Number(request.Take)];
        var reply = await RunAsync(calls.Scripts.DeadLetters, request.Queue, keys => keys.DeadLetters, arguments, cancellationToken).ConfigureAwait(false);
        StoredMessage[] messages = [.. reply.Chunk(4).Select(item => ScriptReply.DeadLetter(item))];
        return new BrowseReply(messages, messages.Length < request.Take ? null : (skip + messages.Length).ToString(CultureInfo.InvariantCulture));
    }

    public Task<StoredMessage?> FindAsync(FindRequest request, CancellationToken cancellationToken) => throw NotYet("find a message");

    public Task<RedriveReply> RedriveAsync(RedriveRequest request, CancellationToken cancellationToken) => throw NotYet("redrive");

    public Task<DeleteReply> DeleteAsync(DeleteRequest request, CancellationToken cancellationToken) => throw NotYet("delete messages");

    public Task<PurgeReply> PurgeAsync(PurgeRequest request, CancellationToken cancellationToken) => throw NotYet("purge");

    public Task PauseAsync(PauseRequest request, CancellationToken cancellationToken) => throw NotYet("pause a queue");

    public Task ResumeAsync(QueueName queue, CancellationToken cancellationToken) => throw NotYet("resume a queue");

    public Task AnnounceAsync(WorkerAnnouncement announcement, CancellationToken cancellationToken) => throw NotYet("announce a worker");

    public Task<IReadOnlyList<WorkerListing>> ListWorkersAsync(QueueName queue, CancellationToken cancellationToken) => throw NotYet("list workers");

    private static NotSupportedException NotYet(string what) => new($"The broker Redis cannot {what} in this version.");

    private static long SkipOf(string? cursor) =>
        cursor is null ? 0
        : long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var skip) ? skip
        : throw new ArgumentException($"'{cursor}' is no cursor of this broker.", nameof(cursor));

    private Task<byte[][]> RunAsync(RedisScript script, QueueName queue, Func<RedisKeys, string[]> keysOf, byte[][] arguments, CancellationToken cancellationToken)
    {
        var target = calls.KeysOf(queue);
        return calls.RunAsync(script, target, keysOf(target), arguments, cancellationToken);
    }
}
