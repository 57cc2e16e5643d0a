using ReliableQueue.Broker;

namespace ReliableQueue.Redis;

/// <summary>Judges what the server says of itself. From INFO alone, because CONFIG is often forbidden.</summary>
internal static class RedisChecks
{
    private static readonly Version oldest = new(6, 2);

    /// <param name="address">What is known of the connection; null when a connection of the application does not tell.</param>
    /// <param name="reports">What each server says.</param>
    public static IReadOnlyList<BrokerFinding> Judge(RedisAddress? address, IReadOnlyList<ServerReport> reports)
    {
        List<BrokerFinding> findings = [.. reports.SelectMany(JudgeServer).DistinctBy(finding => (finding.Code, finding.Message))];
        if (address is { IsLoopback: false, Options: var options })
        {
            if (!options.Ssl)
            {
                findings.Add(new BrokerFinding(
                    FindingSeverity.Warning, "no-tls",
                    $"Redis at {address.Text} is reached without TLS: messages and the password cross the network in clear. Add ssl=true to the configuration."));
            }

            if (string.IsNullOrEmpty(options.Password))
            {
                findings.Add(new BrokerFinding(
                    FindingSeverity.Warning, "no-password",
                    $"Redis at {address.Text} asks for no password: whoever reaches it can read and delete every message. "
                    + "Set one: ACL SETUSER default >password, and add password=… to the configuration."));
            }
        }

        return findings;
    }

    private static IEnumerable<BrokerFinding> JudgeServer(ServerReport report)
    {
        if (!report.IsValkey && report.Version is { } version && version < oldest)
        {
            yield return new BrokerFinding(
                FindingSeverity.Refusal, "version",
                $"Redis {version} is too old: the scripts need commands of Redis 6.2. Install Redis 6.2 or later, or any Valkey.");
        }

        if (report["maxmemory_policy"] is { } policy && policy != "noeviction")
        {
            yield return new BrokerFinding(
                FindingSeverity.Refusal, "eviction-policy",
                $"maxmemory-policy is {policy}: when memory is full, Redis deletes messages without a word. Set it: CONFIG SET maxmemory-policy noeviction, "
                + "and maxmemory-policy noeviction in redis.conf.");
        }

        if (report.IsGarnet)
        {
            yield return new BrokerFinding(
                FindingSeverity.Warning, "garnet-scripts",
                $"Redis at {report.Server} is a Garnet. It runs scripts side by side unless it was started with --lua-transaction-mode, and does not tell whether it was: without it, "
                + "messages are leased twice and lost. See docs/operations.md.");
        }

        if (report.IsReplica)
        {
            yield return new BrokerFinding(
                FindingSeverity.Refusal, "replica",
                $"Redis at {report.Server} is a read-only replica: no message can be stored or leased there. "
                + "Connect to its primary, or make it one: REPLICAOF NO ONE.");
        }

        if (report["aof_enabled"] == "0")
        {
            yield return new BrokerFinding(
                FindingSeverity.Warning, "no-aof",
                "appendonly is off: a restart of Redis loses what was enqueued since the last snapshot. Set it: CONFIG SET appendonly yes, "
                + "and appendonly yes with appendfsync everysec (or always) in redis.conf.");
        }
    }
}
