using ReliableQueue.Broker;

namespace ReliableQueue.Redis;

/// <summary>The cold half of the port on Redis.</summary>
internal sealed class RedisQueueAdmin(ScriptCalls calls, ListedQueues listed) : IQueueAdmin
{
    public async Task<IReadOnlyList<BrokerFinding>> CheckAsync(CancellationToken cancellationToken)
    {
        var reports = await calls.Link.ReadReportsAsync(calls.Scripts.Info, cancellationToken).ConfigureAwait(false);
        return RedisChecks.Judge(calls.Link.Source.Address ?? calls.Link.Current()?.Address, reports);
    }

    public Task<QueueListReply> ListQueuesAsync(QueueListRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        RedisQueueBroker.CheckCount(request.Take, 1);
        return listed.ReadAsync(request, cancellationToken);
    }

    public async Task<QueueStatistics> GetStatisticsAsync(QueueName queue, CancellationToken cancellationToken)
    {
        var reply = await RunAsync(calls.Scripts.Statistics, queue, keys => keys.Statistics, [], cancellationToken).ConfigureAwait(false);
        var heads = reply.Skip(5).Select(id => MessageId.Read(id).CreatedAt).ToArray();
        return new QueueStatistics(
            ScriptReply.Number(reply[0]), ScriptReply.Number(reply[1]), ScriptReply.Number(reply[2]), ScriptReply.Number(reply[3]),
            heads.Length == 0 ? null : heads.Min())
        {
            IsPaused = ScriptReply.Number(reply[4]) == 1,
        };
    }

    public async Task<BrowseReply> BrowseAsync(BrowseRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        RedisQueueBroker.CheckCount(request.Take, 1);
        var cursor = BrowseCursor.Parse(request.Cursor, request.State);
        byte[][] arguments = [StoredReply.Code(request.State), ScriptArguments.Number(request.Take), cursor.Place, cursor.Position];
        var reply = await RunAsync(calls.Scripts.Browse, request.Queue, keys => keys.Browse, arguments, cancellationToken).ConfigureAwait(false);
        return new BrowseReply([.. StoredReply.Messages(reply, 2)], reply[0].Length == 0 ? null : new BrowseCursor(reply[0], reply[1]).Text(request.State));
    }

    public async Task<StoredMessage?> FindAsync(FindRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        byte[][] arguments = [request.Id.ToByteArray(), ScriptArguments.Number(0)];
        byte[][] reply;
        do
        {
            reply = await RunAsync(calls.Scripts.Find, request.Queue, keys => keys.Find, arguments, cancellationToken).ConfigureAwait(false);
            arguments[1] = reply[0];
        }
        while (ScriptReply.Number(reply[0]) != 0);
        return StoredReply.Messages(reply, 1).FirstOrDefault();
    }

    public async Task<RedriveReply> RedriveAsync(RedriveRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        RedisQueueBroker.CheckCount(request.Ids.Count, 1);
        byte[][] arguments = [calls.KeysOf(request.Queue).Hint, .. request.Ids.Select(id => id.ToByteArray())];
        var reply = await RunAsync(calls.Scripts.Redrive, request.Queue, keys => keys.Redrive, arguments, cancellationToken).ConfigureAwait(false);
        return new RedriveReply(ScriptReply.Digits<RedriveResult>(reply, request.Ids.Count));
    }

    public async Task<DeleteReply> DeleteAsync(DeleteRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        RedisQueueBroker.CheckCount(request.Ids.Count, 1);
        var results = new DeleteResult[request.Ids.Count];
        int[] open = [.. Enumerable.Range(0, results.Length)];
        var cursor = ScriptArguments.Number(0);
        while (open.Length > 0)
        {
            byte[][] arguments = [cursor, .. open.Select(index => request.Ids[index].ToByteArray())];
            var reply = await RunAsync(calls.Scripts.Delete, request.Queue, keys => keys.Delete, arguments, cancellationToken).ConfigureAwait(false);
            var answers = ScriptReply.Digits<Deletion>(reply[1..], open.Length);
            for (var i = 0; i < open.Length; i++)
            {
                results[open[i]] = answers[i] == Deletion.Deleted ? DeleteResult.Deleted : DeleteResult.NotThere;
            }

            (cursor, open) = (reply[0], [.. open.Where((_, i) => answers[i] == Deletion.NotKnownYet)]);
        }

        return new DeleteReply(results);
    }

    public async Task<PurgeReply> PurgeAsync(PurgeRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        RedisQueueBroker.CheckCount(request.Most, 1);
        byte[][] arguments = [StoredReply.Code(request.State), ScriptArguments.Number(request.Most)];
        var reply = await RunAsync(calls.Scripts.Purge, request.Queue, keys => keys.Purge, arguments, cancellationToken).ConfigureAwait(false);
        return new PurgeReply((int)ScriptReply.Number(reply[0]), ScriptReply.Number(reply[1]) == 1);
    }

    public Task PauseAsync(PauseRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return ControlAsync(request.Queue, request.For is { } time ? ScriptArguments.Milliseconds(time) : "until-resumed"u8.ToArray(), cancellationToken);
    }

    public Task ResumeAsync(QueueName queue, CancellationToken cancellationToken) => ControlAsync(queue, "resume"u8.ToArray(), cancellationToken);

    public async Task AnnounceAsync(WorkerAnnouncement announcement, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(announcement);
        byte[][] arguments =
        [
            ScriptArguments.Session(announcement.Session), ScriptArguments.Milliseconds(announcement.For),
            StoredReply.Said(announcement.Concurrency, announcement.Worker),
        ];
        await RunAsync(calls.Scripts.Announce, announcement.Queue, keys => keys.Announce, arguments, cancellationToken).ConfigureAwait(false);

        // Repairs the list of queues, should it be lost.
        await listed.ListAsync(announcement.Queue, cancellationToken).ConfigureAwait(false);
    }

    public async Task<IReadOnlyList<WorkerListing>> ListWorkersAsync(QueueName queue, CancellationToken cancellationToken)
    {
        Dictionary<SessionId, WorkerListing> sessions = [];
        var cursor = ScriptArguments.Number(0);
        do
        {
            var reply = await RunAsync(calls.Scripts.Workers, queue, keys => keys.Workers, [cursor], cancellationToken).ConfigureAwait(false);
            foreach (var part in StoredReply.Workers(reply, 1))
            {
                sessions[part.Session] = sessions.TryGetValue(part.Session, out var known) ? StoredReply.Sum(known, part) : part;
            }

            cursor = reply[0];
        }
        while (ScriptReply.Number(cursor) != 0);
        return [.. sessions.Values.OrderByDescending(session => session.Held).ThenBy(session => session.Session.Value).Take(BrokerLimits.BatchSize)];
    }

    private Task<byte[][]> ControlAsync(QueueName queue, byte[] what, CancellationToken cancellationToken) =>
        RunAsync(calls.Scripts.Pause, queue, keys => keys.Pause, [what, calls.NewEpoch(), calls.KeysOf(queue).Hint], cancellationToken);

    private Task<byte[][]> RunAsync(RedisScript script, QueueName queue, Func<RedisKeys, string[]> keysOf, byte[][] arguments, CancellationToken cancellationToken)
    {
        var target = calls.KeysOf(queue);
        return calls.RunAsync(script, target, keysOf(target), arguments, cancellationToken);
    }

    /// <summary>What delete.lua says of one id.</summary>
    private enum Deletion
    {
        NotThere,
        Deleted,
        NotKnownYet,
    }
}
