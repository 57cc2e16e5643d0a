using System.Globalization;
using ReliableQueue.Broker;

namespace ReliableQueue.Redis;

/// <summary>The cold half of the port on Redis.</summary>
internal sealed class RedisQueueAdmin(RedisLink link, Func<QueueName, RedisKeys> keysOf, RedisScripts scripts) : IQueueAdmin
{
    public async Task<IReadOnlyList<BrokerFinding>> CheckAsync(CancellationToken cancellationToken)
    {
        var reports = await link.ReadReportsAsync(scripts.Info, cancellationToken).ConfigureAwait(false);
        return RedisChecks.Judge(link.Source.Address ?? link.Current()?.Address, reports);
    }

    public Task<QueueListReply> ListQueuesAsync(QueueListRequest request, CancellationToken cancellationToken) => throw NotYet("list queues");

    public async Task<QueueStatistics> GetStatisticsAsync(QueueName queue, CancellationToken cancellationToken)
    {
        var reply = await EvaluateAsync(scripts.Statistics, queue, keysOf(queue).Statistics, [], cancellationToken).ConfigureAwait(false);
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
        var reply = await EvaluateAsync(scripts.DeadLetters, request.Queue, keysOf(request.Queue).DeadLetters, arguments, cancellationToken).ConfigureAwait(false);
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

    private Task<byte[][]> EvaluateAsync(RedisScript script, QueueName queue, string[] scriptKeys, byte[][] arguments, CancellationToken cancellationToken) =>
        link.EvaluateAsync(script, queue, scriptKeys, arguments, cancellationToken);
}
