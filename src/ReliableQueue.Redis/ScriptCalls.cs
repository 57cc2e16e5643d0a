using System.Collections.Concurrent;
using ReliableQueue.Broker;

namespace ReliableQueue.Redis;

/// <summary>Runs scripts on the queues of one prefix, and brings a queue of an older layout up to date before its first call of this process.</summary>
internal sealed class ScriptCalls(RedisLink link, string prefix, IRandomSource random, RedisScripts scripts)
{
    private readonly ConcurrentDictionary<QueueName, RedisKeys> keys = new();
    private readonly ConcurrentDictionary<QueueName, bool> migrated = new();

    public RedisLink Link => link;

    public RedisScripts Scripts => scripts;

    public RedisKeys KeysOf(QueueName queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        return keys.GetOrAdd(queue, static (name, prefix) => new RedisKeys(prefix, name), prefix);
    }

    /// <summary>An epoch, for a queue that has none yet.</summary>
    public byte[] NewEpoch() => ScriptArguments.Number(random.NextInt64());

    /// <summary>Runs a script on its own keys, whatever the layout of the queue.</summary>
    public Task<byte[][]> EvaluateAsync(RedisScript script, QueueName? queue, string[] scriptKeys, byte[][] arguments, CancellationToken cancellationToken) =>
        link.EvaluateAsync(script, queue, scriptKeys, arguments, cancellationToken);

    public async Task<byte[][]> RunAsync(RedisScript script, RedisKeys target, string[] scriptKeys, byte[][] arguments, CancellationToken cancellationToken)
    {
        if (scripts.Layout.Migrations.Count > 0 && !migrated.ContainsKey(target.Queue))
        {
            await MigrateAsync(target, cancellationToken).ConfigureAwait(false);
        }

        var reply = await EvaluateAsync(script, target.Queue, scriptKeys, arguments, cancellationToken).ConfigureAwait(false);
        if (ScriptReply.OlderLayout(reply) is null)
        {
            return reply;
        }

        // A copy of the queue from before was put in its place while this process ran.
        await MigrateAsync(target, cancellationToken).ConfigureAwait(false);
        reply = await EvaluateAsync(script, target.Queue, scriptKeys, arguments, cancellationToken).ConfigureAwait(false);
        return ScriptReply.OlderLayout(reply) is not { } layout
            ? reply
            : throw new BrokerException(
                BrokerFault.Refused,
                $"Redis, queue '{target.Queue}', {script.Name}: the queue has layout {layout}, which no version of this client can bring up to date. Nothing was changed.");
    }

    private async Task MigrateAsync(RedisKeys target, CancellationToken cancellationToken)
    {
        foreach (var migration in scripts.Layout.Migrations)
        {
            byte[][] reply;
            do
            {
                reply = await EvaluateAsync(migration.Script, target.Queue, target.All, [], cancellationToken).ConfigureAwait(false);
            }
            while (ScriptReply.Number(reply[0]) == 0);
        }

        migrated[target.Queue] = true;
    }
}
