using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ReliableQueue.Broker;
using ReliableQueue.Redis;

namespace ReliableQueue;

/// <summary>Opens the broker that keeps its queues in Redis (6.2 or later) or Valkey, single node or cluster.</summary>
public static class RedisBroker
{
    /// <summary>Makes the broker. It connects at its first call, and a server that is away then is no reason to fail: the next call tries again.</summary>
    /// <param name="options">Where the queues are. Read once.</param>
    /// <param name="time">Paces the timeouts of calls. Default: the system's.</param>
    /// <param name="random">Draws the epoch of a new queue. Default: the system's.</param>
    /// <param name="logger">Told when renewals share the connection. Default: nobody.</param>
    /// <exception cref="ArgumentException">The options have faults; the text names all of them.</exception>
    [Experimental("RQ001")]
    public static IQueueBroker Open(
        RedisBrokerOptions options, TimeProvider? time = null, IRandomSource? random = null, ILoggerFactory? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        var check = new RedisBrokerOptionsCheck().Validate(null, options);
        if (check.Failed)
        {
            throw new ArgumentException(check.FailureMessage, nameof(options));
        }

        var log = (logger ?? NullLoggerFactory.Instance).CreateLogger("ReliableQueue.Redis");
        var link = new RedisLink(RedisSource.From(options), options.CallTimeout, time ?? TimeProvider.System, log);
        return new RedisQueueBroker(link, options.Prefix, random ?? SystemRandomSource.Instance, RedisScripts.Shipped);
    }
}
