namespace ReliableQueue.Redis.Tests.Scripts;

/// <summary>A script whose k-th call to Redis throws: the real text behind a prefix that shadows <c>redis</c>.</summary>
internal static class BrokenScript
{
    public const string Fault = "injected fault";

    public static RedisScript At(int call, RedisScript whole) => new(
        whole.Name,
        $$$"""
        local calls_made, real = 0, redis
        local redis = setmetatable({call = function(...)
          calls_made = calls_made + 1
          if calls_made == {{{call}}} then
            error('{{{Fault}}}')
          end
          return real.call(...)
        end}, {__index = real})

        """ + whole.Text);

    /// <summary>The scripts with one of them broken.</summary>
    public static RedisScripts In(RedisScripts scripts, string name, int call) => name switch
    {
        "enqueue" => scripts with { Enqueue = At(call, scripts.Enqueue) },
        "lease" => scripts with { Lease = At(call, scripts.Lease) },
        "ack" => scripts with { Ack = At(call, scripts.Ack) },
        "settle" => scripts with { Settle = At(call, scripts.Settle) },
        "renew" => scripts with { Renew = At(call, scripts.Renew) },
        "return" => scripts with { Return = At(call, scripts.Return) },
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };
}
