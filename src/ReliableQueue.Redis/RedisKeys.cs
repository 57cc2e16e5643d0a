using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace ReliableQueue.Redis;

/// <summary>
/// The keys of one queue, made here and nowhere else. All share the hash tag <c>{prefix:queue}</c>, so a cluster keeps a queue on one node and a script may use
/// all of them. The array of a script has the order its Lua file names.
/// </summary>
internal sealed partial class RedisKeys
{
    public RedisKeys(string prefix, QueueName queue)
    {
        Queue = queue;
        var tag = $"{{{prefix}:{queue.Value}}}:";
        string ready = tag + "ready:0", again = tag + "again", suspects = tag + "suspects", messages = tag + "messages", leases = tag + "leases";
        string scheduled = tag + "scheduled", deliveries = tag + "deliveries", dead = tag + "dead", why = tag + "dead:why", removed = tag + "removed";
        string meta = tag + "meta", calls = tag + "calls", workers = tag + "workers", said = tag + "workers:said";
        HintChannel = tag + "hint";
        Hint = Encoding.ASCII.GetBytes(HintChannel);
        Enqueue = [meta, calls, messages, ready, again, deliveries];
        EnqueueDelayed = [.. Enqueue, scheduled];
        Lease = [leases, messages, deliveries, ready, again, suspects, scheduled, dead, why, meta, calls, removed];
        Ack = [leases, messages, deliveries];
        Settle = [leases, messages, deliveries, again, suspects, scheduled, dead, why, meta];
        Renew = [leases, deliveries, meta];
        Return = [leases, messages, deliveries, again, suspects, dead, why, meta, calls, workers, said];
        Statistics = [messages, ready, again, suspects, scheduled, leases, dead, removed, meta];
        Browse = [meta, messages, deliveries, ready, again, suspects, scheduled, leases, dead, why];
        Find = [meta, messages, deliveries, scheduled, leases, dead, why];
        Redrive = [meta, messages, deliveries, again, suspects, scheduled, leases, dead, why];
        Delete = [meta, messages, deliveries, scheduled, leases, dead, why, removed];
        Purge = [meta, messages, deliveries, ready, again, suspects, scheduled, leases, dead, why, removed];
        Pause = [meta, leases];
        Announce = [meta, workers, said];
        Workers = [meta, leases, deliveries, workers, said];
        All = [meta, calls, messages, deliveries, ready, again, suspects, scheduled, leases, dead, why, removed, workers, said];
    }

    public QueueName Queue { get; }

    public string HintChannel { get; }

    public byte[] Hint { get; }

    public string[] Enqueue { get; }

    /// <summary>For the same script, when a message of the call has a delay: the others need not name the last key.</summary>
    public string[] EnqueueDelayed { get; }

    public string[] Lease { get; }

    public string[] Ack { get; }

    public string[] Settle { get; }

    public string[] Renew { get; }

    public string[] Return { get; }

    public string[] Statistics { get; }

    public string[] Browse { get; }

    public string[] Find { get; }

    public string[] Redrive { get; }

    public string[] Delete { get; }

    public string[] Purge { get; }

    public string[] Pause { get; }

    public string[] Announce { get; }

    public string[] Workers { get; }

    /// <summary>Every key of the queue, in the order migrations name them: a later layout appends.</summary>
    public string[] All { get; }

    /// <summary>The key of the names of all queues of a prefix. It has no hash tag, so no queue's script may use it.</summary>
    public static string QueuesOf(string prefix) => prefix + ":queues";

    public static bool IsPrefix(string? prefix) => prefix is not null && PrefixRule().IsMatch(prefix);

    /// <summary>A prefix that was refused, fit for a log: short, and nothing in it but visible ASCII.</summary>
    public static string Shown(string? prefix) =>
        string.Concat((prefix ?? "").Take(65).Select(letter => letter is >= ' ' and <= '~' ? letter.ToString() : string.Create(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}")));

    [GeneratedRegex(@"\A[a-z0-9._-]{1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex PrefixRule();
}
