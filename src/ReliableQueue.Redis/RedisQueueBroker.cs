using System.Collections.Concurrent;
using ReliableQueue.Broker;

namespace ReliableQueue.Redis;

/// <summary>The port on Redis: turns each call into one script and its answer back.</summary>
internal sealed class RedisQueueBroker(RedisLink link, string prefix, IRandomSource random, RedisScripts scripts) : IQueueBroker, IDeadLetterStore
{
    private readonly ConcurrentDictionary<QueueName, RedisKeys> keys = new();

    public string Identity => $"redis:{link.Source.Settings?.EndpointText ?? "factory"}/{link.Source.Database}/{prefix}";

    public IDeadLetterStore DeadLetters => this;

    public async Task<IReadOnlyList<BrokerFinding>> CheckAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await link.CallAsync(
                "check", null, async client => RedisChecks.Judge(client.Settings, await client.ReadInfoAsync().ConfigureAwait(false)), cancellationToken)
                .ConfigureAwait(false);
        }
        catch (BrokerException fault) when (fault.Fault != BrokerFault.Refused && link.Source.Settings is { } settings)
        {
            // Also when the library says it is connected: one that is refused a part of its greeting connects and breaks off, over and over.
            // On the pool, because it waits for the server on its thread.
            var refusal = await Task.Run(() => SignIn.RefusalOf(link.Source, settings, link.CallTimeout), cancellationToken).ConfigureAwait(false);
            if (refusal is not null)
            {
                throw new BrokerException(refusal is RespException ? RedisErrors.FaultOf(refusal.Message) : BrokerFault.Refused, link.Text("check", null, settings, refusal), refusal);
            }

            throw;
        }
    }

    public async Task<CallAnswer> EnqueueAsync(QueueName queue, EnqueueRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var target = KeysOf(queue);
        CheckCount(request.Messages.Count, 1);
        var arguments = new byte[4 + (2 * request.Messages.Count)][];
        arguments[0] = ScriptArguments.Lane(request.Call);
        arguments[1] = ScriptArguments.Number(request.Call.Number);
        arguments[2] = ScriptArguments.Number(random.NextInt64());
        arguments[3] = target.Hint;
        for (var i = 0; i < request.Messages.Count; i++)
        {
            arguments[4 + (2 * i)] = request.Messages[i].Id.ToByteArray();
            arguments[5 + (2 * i)] = ScriptArguments.Envelope(request.Messages[i].Envelope);
        }

        return ScriptReply.Answer(await EvaluateAsync(scripts.Enqueue, queue, target.Enqueue, arguments, cancellationToken).ConfigureAwait(false));
    }

    public async Task<LeaseReply> LeaseAsync(QueueName queue, LeaseRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var target = KeysOf(queue);
        CheckCount(request.MaxMessages, 0);
        byte[][] arguments =
        [
            ScriptArguments.Session(request.Call.Session),
            ScriptArguments.Lane(request.Call),
            ScriptArguments.Mark(request.Call.Session),
            ScriptArguments.Number(request.Call.Number),
            ScriptArguments.Number(random.NextInt64()),
            target.Hint,
            ScriptArguments.Number(request.MaxMessages),
            ScriptArguments.Number(request.MaxSuspects),
            ScriptArguments.Number(Math.Max(1, request.MaxBytes)),
            ScriptArguments.Milliseconds(request.VisibilityTimeout),
            ScriptArguments.Number(request.MaxDeliveries),
        ];
        return ScriptReply.Lease(await EvaluateAsync(scripts.Lease, queue, target.Lease, arguments, cancellationToken).ConfigureAwait(false));
    }

    public async Task<IReadOnlyList<SettleResult>> SettleAsync(
        QueueName queue, IReadOnlyList<SettleRequest> requests, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(requests);
        var target = KeysOf(queue);
        CheckCount(requests.Count, 1);
        var reply = requests.All(request => request.Settlement is Settlement.Ack)
            ? await EvaluateAsync(
                scripts.Ack, queue, target.Ack, [.. requests.Select(request => ScriptArguments.Member(request.Lease))], cancellationToken)
                .ConfigureAwait(false)
            : await EvaluateAsync(
                scripts.Settle, queue, target.Settle, [target.Hint, .. requests.SelectMany(Arguments)], cancellationToken).ConfigureAwait(false);
        return ScriptReply.Digits<SettleResult>(reply, requests.Count);
    }

    public async Task<ReturnReply> ReturnSessionAsync(QueueName queue, SessionId session, int maxDeliveries, CancellationToken cancellationToken)
    {
        var target = KeysOf(queue);
        byte[][] arguments = [ScriptArguments.Session(session), ScriptArguments.Mark(session), target.Hint, ScriptArguments.Number(maxDeliveries)];
        var reply = await EvaluateAsync(scripts.Return, queue, target.Return, arguments, cancellationToken).ConfigureAwait(false);
        return new ReturnReply(
            (int)ScriptReply.Number(reply[0]),
            (int)ScriptReply.Number(reply[1]),
            ScriptReply.Number(reply[2]) == 1,
            ScriptReply.Number(reply[3]),
            ScriptReply.Number(reply[4]) == 1);
    }

    public IRenewalConnection OpenRenewalConnection() => new RedisRenewalConnection(link, KeysOf, scripts.Renew);

    public async Task<QueueStatistics> GetStatisticsAsync(QueueName queue, CancellationToken cancellationToken)
    {
        var reply = await EvaluateAsync(scripts.Statistics, queue, KeysOf(queue).Statistics, [], cancellationToken).ConfigureAwait(false);
        var heads = reply.Skip(4).Select(id => MessageId.Read(id).CreatedAt).ToArray();
        return new QueueStatistics(
            ScriptReply.Number(reply[0]), ScriptReply.Number(reply[1]), ScriptReply.Number(reply[2]), ScriptReply.Number(reply[3]),
            heads.Length == 0 ? null : heads.Min());
    }

    public async Task<IReadOnlyList<DeadLetter>> ReadAsync(QueueName queue, long skip, int take, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(skip);
        CheckCount(take, 1);
        byte[][] arguments = [ScriptArguments.Number(skip), ScriptArguments.Number(take)];
        var reply = await EvaluateAsync(scripts.DeadLetters, queue, KeysOf(queue).DeadLetters, arguments, cancellationToken).ConfigureAwait(false);
        return [.. reply.Chunk(4).Select(item => ScriptReply.DeadLetter(item))];
    }

    public IDisposable Listen(QueueName queue, Action hint)
    {
        ArgumentNullException.ThrowIfNull(hint);
        return link.Hints.Add(KeysOf(queue).HintChannel, hint);
    }

    public ValueTask DisposeAsync() => link.DisposeAsync();

    private static byte[][] Arguments(SettleRequest request)
    {
        var member = ScriptArguments.Member(request.Lease);
        return request.Settlement switch
        {
            Settlement.Ack => ["A"u8.ToArray(), member, "0"u8.ToArray(), []],
            Settlement.Retry retry => ["T"u8.ToArray(), member, ScriptArguments.Milliseconds(retry.Delay), []],
            Settlement.Release release => ["L"u8.ToArray(), member, ScriptArguments.Milliseconds(release.Delay), []],
            Settlement.DeadLetter dead => ["D"u8.ToArray(), member, ScriptArguments.Number((int)dead.Reason), ScriptArguments.Error(dead.Error)],
            _ => throw new ArgumentException($"Unknown settlement {request.Settlement.GetType().Name}.", nameof(request)),
        };
    }

    private static void CheckCount(int count, int least)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, least);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, BrokerLimits.BatchSize);
    }

    private Task<byte[][]> EvaluateAsync(RedisScript script, QueueName queue, string[] scriptKeys, byte[][] arguments, CancellationToken cancellationToken) =>
        link.CallAsync(script.Name, queue, client => client.EvaluateAsync(script, scriptKeys, arguments), cancellationToken);

    private RedisKeys KeysOf(QueueName queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        return keys.GetOrAdd(queue, static (name, prefix) => new RedisKeys(prefix, name), prefix);
    }
}
