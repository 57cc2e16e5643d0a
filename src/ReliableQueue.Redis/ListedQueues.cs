using System.Collections.Concurrent;
using System.Text;
using ReliableQueue.Broker;

namespace ReliableQueue.Redis;

/// <summary>
/// The names of the queues of a prefix. They lie in one key of their own, so no script of a queue can keep them: a process notes a queue after its first enqueue, in the
/// background, and a worker whenever it announces itself.
/// </summary>
internal sealed class ListedQueues(ScriptCalls calls, string prefix)
{
    // A role without the right to the key must not cost a call at every enqueue.
    private static readonly TimeSpan pause = TimeSpan.FromMinutes(1);

    private readonly string[] key = [RedisKeys.QueuesOf(prefix)];
    private readonly ConcurrentDictionary<QueueName, long?> tried = new();

    /// <summary>Sees to it that a queue is listed. Returns at once; what fails is tried again with a later enqueue.</summary>
    public void See(QueueName queue)
    {
        if (tried.TryGetValue(queue, out var last) && (last is not { } then || calls.Link.Time.GetElapsedTime(then) < pause))
        {
            return;
        }

        tried[queue] = calls.Link.Time.GetTimestamp();
        _ = TryListAsync(queue);
    }

    public async Task ListAsync(QueueName queue, CancellationToken cancellationToken)
    {
        await calls.EvaluateAsync(calls.Scripts.List, queue, key, [Encoding.ASCII.GetBytes(queue.Value)], cancellationToken).ConfigureAwait(false);
        tried[queue] = null;
    }

    public async Task<QueueListReply> ReadAsync(QueueListRequest request, CancellationToken cancellationToken)
    {
        byte[][] arguments = [request.After is null ? "-"u8.ToArray() : Encoding.UTF8.GetBytes("(" + request.After), ScriptArguments.Number(request.Take)];
        var reply = await calls.EvaluateAsync(calls.Scripts.Queues, null, key, arguments, cancellationToken).ConfigureAwait(false);
        var names = reply.Take(request.Take).Select(name => QueueName.Parse(Encoding.ASCII.GetString(name))).ToArray();
        return new QueueListReply(names, reply.Length > request.Take ? names[^1].Value : null);
    }

    private async Task TryListAsync(QueueName queue)
    {
        try
        {
            await ListAsync(queue, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is BrokerException or ObjectDisposedException)
        {
            // The queue works without. It is tried again in a minute, and by whoever announces a worker.
            RedisLog.NotListed(calls.Link.Log, queue, fault);
        }
    }
}
