namespace ReliableQueue.Redis;

/// <summary>The sockets of one renewal connection: one per server it has needed, and which queue lives where. Used by one thread.</summary>
internal sealed class RespNetwork(TimeSpan timeout) : IDisposable
{
    private readonly Dictionary<RedisEndpoint, RespConnection> connections = [];
    private readonly Dictionary<QueueName, RedisEndpoint> homes = [];

    /// <summary>Runs a script where the queue lives; follows one redirect, and goes to the next server when one is a replica or away.</summary>
    public byte[][] Evaluate(ConnectionSettings settings, QueueName queue, RedisScript script, string[] keys, byte[][] arguments)
    {
        RedisEndpoint[] candidates = homes.TryGetValue(queue, out var home)
            ? [home, .. settings.Endpoints.Where(endpoint => endpoint != home)]
            : [.. settings.Endpoints];
        for (var i = 0; ; i++)
        {
            try
            {
                var answer = Evaluate(candidates[i], settings, script, keys, arguments, out var answered);
                homes[queue] = answered;
                return answer;
            }
            catch (Exception fault) when (i + 1 < candidates.Length && (fault is RespException ? IsElsewhere(fault) : IsBroken(fault)))
            {
                // Renewing is safe to repeat, so the next server is simply asked.
                _ = homes.Remove(queue);
            }
        }
    }

    public static bool IsBroken(Exception fault) => fault is IOException or System.Net.Sockets.SocketException;

    public void Dispose()
    {
        foreach (var connection in connections.Values)
        {
            connection.Dispose();
        }

        connections.Clear();
    }

    private byte[][] Evaluate(
        RedisEndpoint endpoint, ConnectionSettings settings, RedisScript script, string[] keys, byte[][] arguments, out RedisEndpoint answered)
    {
        try
        {
            answered = endpoint;
            return Evaluate(endpoint, settings, script, keys, arguments);
        }
        catch (RespException fault) when (fault.Message.StartsWith("MOVED ", StringComparison.Ordinal))
        {
            answered = RedisEndpoint.Parse(fault.Message.Split(' ')[2], endpoint.Host);
            return Evaluate(answered, settings, script, keys, arguments);
        }
    }

    private byte[][] Evaluate(RedisEndpoint endpoint, ConnectionSettings settings, RedisScript script, string[] keys, byte[][] arguments)
    {
        if (!connections.TryGetValue(endpoint, out var connection))
        {
            connections[endpoint] = connection = RespConnection.Open(endpoint, settings, timeout);
        }

        try
        {
            return connection.Evaluate(script, keys, arguments);
        }
        catch (Exception fault) when (fault is not RespException)
        {
            // Its replies can no longer be told apart; the next call opens another.
            _ = connections.Remove(endpoint);
            connection.Dispose();
            throw;
        }
    }

    private static bool IsElsewhere(Exception fault) =>
        fault.Message.StartsWith("READONLY", StringComparison.Ordinal) || fault.Message.StartsWith("MASTERDOWN", StringComparison.Ordinal)
        || fault.Message.StartsWith("LOADING", StringComparison.Ordinal) || fault.Message.StartsWith("CLUSTERDOWN", StringComparison.Ordinal);
}
