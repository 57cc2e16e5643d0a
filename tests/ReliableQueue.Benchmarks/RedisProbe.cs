using System.Globalization;
using StackExchange.Redis;

namespace ReliableQueue.Benchmarks;

/// <summary>Looks at the Redis from outside: its processor time, and what is left in it.</summary>
internal sealed class RedisProbe(IConnectionMultiplexer redis, string prefix)
{
    private readonly IServer server = redis.GetServer(redis.GetEndPoints()[0]);

    /// <summary>Processor time of the Redis process so far, in microseconds.</summary>
    public double ProcessorMicroseconds()
    {
        var text = (string?)redis.GetDatabase().Execute("INFO", "cpu") ?? "";
        return Seconds(text, "used_cpu_sys:") + Seconds(text, "used_cpu_user:");
    }

    /// <summary>Removes the keys of an earlier run.</summary>
    public void Clear()
    {
        foreach (var key in Keys())
        {
            redis.GetDatabase().KeyDelete(key);
        }
    }

    /// <summary>Throws unless everything but the queue's own records is gone: a drain that left something behind has no rate.</summary>
    public void MustBeEmpty()
    {
        var left = Keys().Where(key => !key.EndsWith(":meta", StringComparison.Ordinal) && !key.EndsWith(":calls", StringComparison.Ordinal)).ToList();
        if (left.Count > 0)
        {
            throw new InvalidOperationException($"The queue is not empty after the drain: {string.Join(", ", left)}.");
        }
    }

    private static double Seconds(string text, string name) => 1e6 * double.Parse(
        text.Split('\n').First(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..], CultureInfo.InvariantCulture);

    private List<string> Keys() => [.. server.Keys(pattern: $"{{{prefix}:*").Select(key => key.ToString())];
}
