namespace ReliableQueue.Redis.Tests.Scripts;

/// <summary>A script whose k-th call to Redis fails: the real text behind a prefix that shadows <c>redis</c>.</summary>
internal static class BrokenScript
{
    public const string Fault = "injected fault";

    /// <param name="whole">The script.</param>
    /// <param name="call">Which of its calls fails, from 1.</param>
    /// <param name="fault">How.</param>
    /// <param name="trace">A key that is set when the call was reached: some failures are meant to go unnoticed.</param>
    public static RedisScript At(RedisScript whole, int call, ScriptFault fault, string trace) => new(
        whole.Name,
        $$$"""
        local calls_made, real = 0, redis
        local function breaks()
          calls_made = calls_made + 1
          if calls_made == {{{call}}} then
            real.call('SET', '{{{trace}}}', '1')
            return true
          end
        end
        local redis = setmetatable({
          call = function(...)
            if breaks() then
              error({{{(fault == ScriptFault.Error ? $"'{Fault}'" : $"{{err = '{TextOf(fault)}'}}")}}})
            end
            return real.call(...)
          end,
          pcall = function(...)
            if breaks() then
              return {err = '{{{TextOf(fault)}}}'}
            end
            return real.pcall(...)
          end,
        }, {__index = real})

        """ + whole.Text);

    /// <summary>The scripts with one of them broken.</summary>
    public static RedisScripts In(RedisScripts scripts, string name, int call, ScriptFault fault, string trace) => name switch
    {
        "enqueue" => scripts with { Enqueue = At(scripts.Enqueue, call, fault, trace) },
        "lease" => scripts with { Lease = At(scripts.Lease, call, fault, trace) },
        "ack" => scripts with { Ack = At(scripts.Ack, call, fault, trace) },
        "settle" => scripts with { Settle = At(scripts.Settle, call, fault, trace) },
        "renew" => scripts with { Renew = At(scripts.Renew, call, fault, trace) },
        "return" => scripts with { Return = At(scripts.Return, call, fault, trace) },
        "statistics" => scripts with { Statistics = At(scripts.Statistics, call, fault, trace) },
        "browse" => scripts with { Browse = At(scripts.Browse, call, fault, trace) },
        "find" => scripts with { Find = At(scripts.Find, call, fault, trace) },
        "redrive" => scripts with { Redrive = At(scripts.Redrive, call, fault, trace) },
        "delete" => scripts with { Delete = At(scripts.Delete, call, fault, trace) },
        "purge" => scripts with { Purge = At(scripts.Purge, call, fault, trace) },
        "pause" => scripts with { Pause = At(scripts.Pause, call, fault, trace) },
        "announce" => scripts with { Announce = At(scripts.Announce, call, fault, trace) },
        "workers" => scripts with { Workers = At(scripts.Workers, call, fault, trace) },
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };

    private static string TextOf(ScriptFault fault) => fault switch
    {
        ScriptFault.WrongType => $"WRONGTYPE {Fault}",
        ScriptFault.OutOfMemory => $"OOM {Fault}",
        _ => $"ERR {Fault}",
    };
}
