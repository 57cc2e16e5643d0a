using ReliableQueue.Broker;

namespace ReliableQueue.Redis;

/// <summary>The port on Redis: turns each call into one script and its answer back.</summary>
internal sealed class RedisQueueBroker : IQueueBroker
{
    private readonly ScriptCalls calls;
    private readonly RedisHints hints;
    private readonly ListedQueues listed;

    public RedisQueueBroker(RedisLink link, string prefix, IRandomSource random, RedisScripts scripts)
    {
        calls = new ScriptCalls(link, prefix, random, scripts);
        hints = new RedisHints(link);
        listed = new ListedQueues(calls, prefix);
        Info = new BrokerInfo($"redis:{link.Source.Address?.Text ?? "factory"}/{link.Source.Database}/{prefix}", "Redis", BrokerAbilities.Pause | BrokerAbilities.Redrive);
        Admin = new RedisQueueAdmin(calls, listed);
    }

    /// <summary>Whether a first enqueue is followed by a call that lists the queue. Tests that count calls say no.</summary>
    public bool ListsQueues { get; init; } = true;

    public BrokerInfo Info { get; }

    public IQueueAdmin Admin { get; }

    public async Task<EnqueueReply> EnqueueAsync(EnqueueRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var target = calls.KeysOf(request.Queue);
        CheckCount(request.Messages.Count, 1);
        var isDelayed = request.Messages.Any(message => message.Terms is { Delay.Ticks: > 0 });
        var arguments = new byte[4 + (2 * request.Messages.Count) + (isDelayed ? 1 : 0)][];
        arguments[0] = ScriptArguments.Lane(request.Call);
        arguments[1] = ScriptArguments.Number(request.Call.Number);
        arguments[2] = calls.NewEpoch();
        arguments[3] = target.Hint;
        for (var i = 0; i < request.Messages.Count; i++)
        {
            arguments[4 + (2 * i)] = request.Messages[i].Id.ToByteArray();
            arguments[5 + (2 * i)] = ScriptArguments.Envelope(request.Messages[i].Envelope);
        }

        if (isDelayed)
        {
            arguments[^1] = [.. request.Messages.SelectMany(message => ScriptArguments.Milliseconds(message.Terms?.Delay ?? TimeSpan.Zero).Append((byte)' '))];
        }

        var reply = await calls.RunAsync(calls.Scripts.Enqueue, target, isDelayed ? target.EnqueueDelayed : target.Enqueue, arguments, cancellationToken).ConfigureAwait(false);
        if (ListsQueues)
        {
            listed.See(request.Queue);
        }

        return new EnqueueReply(ScriptReply.Answer(reply), []);
    }

    public async Task<LeaseReply> LeaseAsync(LeaseRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var target = calls.KeysOf(request.Queue);
        CheckCount(request.MaxMessages, 0);
        byte[][] arguments =
        [
            ScriptArguments.Session(request.Call.Session),
            ScriptArguments.Lane(request.Call),
            ScriptArguments.Mark(request.Call.Session),
            ScriptArguments.Number(request.Call.Number),
            calls.NewEpoch(),
            target.Hint,
            ScriptArguments.Number(request.MaxMessages),
            ScriptArguments.Number(request.MaxSuspects),
            ScriptArguments.Number(Math.Max(1, request.MaxBytes)),
            ScriptArguments.Milliseconds(request.VisibilityTimeout),
            ScriptArguments.Number(request.MaxDeliveries),
        ];
        return ScriptReply.Lease(await calls.RunAsync(calls.Scripts.Lease, target, target.Lease, arguments, cancellationToken).ConfigureAwait(false));
    }

    public async Task<SettleReply> SettleAsync(SettleRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var (queue, settlements) = (request.Queue, request.Settlements);
        var target = calls.KeysOf(queue);
        CheckCount(settlements.Count, 1);
        if (Info.LackOf(request.Needs) is { } lack)
        {
            throw new BrokerException(BrokerFault.Refused, $"Redis, queue '{queue}', settle: {lack}");
        }

        var reply = settlements.All(each => each.Settlement is Settlement.Ack)
            ? await calls.RunAsync(calls.Scripts.Ack, target, target.Ack, [.. settlements.Select(each => ScriptArguments.Member(each.Lease))], cancellationToken)
                .ConfigureAwait(false)
            : await calls.RunAsync(
                calls.Scripts.Settle, target, target.Settle, [target.Hint, .. settlements.SelectMany(Arguments)], cancellationToken).ConfigureAwait(false);
        return new SettleReply(ScriptReply.Digits<SettleResult>(reply, settlements.Count));
    }

    public async Task<ReturnReply> ReturnAsync(ReturnRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var target = calls.KeysOf(request.Queue);
        byte[][] arguments =
            [ScriptArguments.Session(request.Session), ScriptArguments.Mark(request.Session), target.Hint, ScriptArguments.Number(request.MaxDeliveries)];
        var reply = await calls.RunAsync(calls.Scripts.Return, target, target.Return, arguments, cancellationToken).ConfigureAwait(false);
        return new ReturnReply(
            (int)ScriptReply.Number(reply[0]),
            (int)ScriptReply.Number(reply[1]),
            ScriptReply.Number(reply[2]) == 1,
            ScriptReply.Number(reply[3]),
            ScriptReply.Number(reply[4]) == 1);
    }

    public IRenewalConnection OpenRenewalConnection() => new RedisRenewalConnection(calls.Link, calls.KeysOf, calls.Scripts.Renew);

    public IHintSubscription Listen(QueueName queue, Action<QueueHint> hint)
    {
        ArgumentNullException.ThrowIfNull(hint);
        return hints.Add(calls.KeysOf(queue).HintChannel, hint);
    }

    public ValueTask DisposeAsync() => calls.Link.DisposeAsync();

    internal static void CheckCount(int count, int least)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, least);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, BrokerLimits.BatchSize);
    }

    private static byte[][] Arguments(LeaseSettlement settled)
    {
        var member = ScriptArguments.Member(settled.Lease);
        return settled.Settlement switch
        {
            Settlement.Ack => ["A"u8.ToArray(), member, ScriptArguments.Number(0), ScriptArguments.Error(null)],
            Settlement.Retry retry => ["T"u8.ToArray(), member, ScriptArguments.Milliseconds(retry.Delay), ScriptArguments.Error(retry.Error)],
            Settlement.Release release => ["E"u8.ToArray(), member, ScriptArguments.Milliseconds(release.Delay), ScriptArguments.Error(null)],
            Settlement.DeadLetter dead => ["D"u8.ToArray(), member, ScriptArguments.Number((int)dead.Reason), ScriptArguments.Error(dead.Error)],
            _ => throw new ArgumentException($"Unknown settlement {settled.Settlement.GetType().Name}.", nameof(settled)),
        };
    }
}
