using Microsoft.Extensions.Logging.Abstractions;
using ReliableQueue.Broker;
using ReliableQueue.TestKit;
using Xunit;

namespace ReliableQueue.Redis.Tests.Calls;

/// <summary>
/// Every call of a canned life ends in every way a call can end: once, three times in a row, and until somebody mends it. The caller does what a worker does: it makes
/// the very same call again.
/// </summary>
internal sealed class CallSweep(SharedRedis redis)
{
    public const int Calls = 12;
    private const int UntilHealed = int.MaxValue;

    public static IReadOnlyList<int> Times { get; } = [1, 3, UntilHealed];

    public async Task RunAsync(RespFaultProxy proxy, RedisLink link, CallEnd end, int call, int times)
    {
        var prefix = "s" + Guid.NewGuid().ToString("n")[..12];
        var broker = new RedisQueueBroker(link, prefix, SystemRandomSource.Instance, RedisScripts.Shipped) { ListsQueues = false };
        await using var direct = RedisBroker.Open(
            new RedisBrokerOptions { Connection = redis.Database.Multiplexer, Prefix = prefix, CallTimeout = TimeSpan.FromSeconds(20) });
        using var life = new CannedLife(broker, direct, redis.Database, new RedisKeys(prefix, QueueName.Parse("emails")));
        Assert.Equal(Calls, life.Steps.Length);
        await Eventually.TrueAsync(async () => (await MakeAsync(life.Steps[^2].Call)).Fault is null, "the connection opens", TimeSpan.FromSeconds(60));

        proxy.Arm(end, call, times);
        for (var step = 1; step <= Calls; step++)
        {
            var (name, answer, make) = life.Steps[step - 1];
            var when = $"call {call} of {Calls}, {name}: {end.Name}, {(times == UntilHealed ? "until healed" : $"{times} times")}";
            await life.PassTimeBeforeAsync(name);
            List<BrokerFault> faults = [];
            string? answered = null;
            await Eventually.TrueAsync(
                async () =>
                {
                    var (result, fault) = await MakeAsync(make);
                    answered = result;
                    if (fault is not { } known)
                    {
                        return true;
                    }

                    faults.Add(known);
                    proxy.BreakHanging();
                    if (times == UntilHealed && faults.Count >= 3 && proxy.Spoilt > 0)
                    {
                        proxy.Heal();
                    }

                    return false;
                },
                when,
                TimeSpan.FromSeconds(60));

            Assert.True(answered == answer, $"{when}: answered '{answered}'");
            AssertSaid(life, end, name, step == call, times == UntilHealed && step == call, faults, when);
        }

        Assert.True(proxy.Spoilt > 0, $"call {call}: {end.Name} was never met");
        await life.AssertEndedWellAsync($"call {call}: {end.Name}, {times} times");
    }

    private static void AssertSaid(CannedLife life, CallEnd end, string step, bool isHit, bool isMendedByHand, List<BrokerFault> faults, string when)
    {
        if (end.Error is not null)
        {
            Assert.True(faults.Count >= (isMendedByHand ? 3 : 0), $"{when}: done although nothing was mended");
            Assert.True(faults.All(fault => fault == end.Fault), $"{when}: said to be {string.Join(", ", faults)}");
            Assert.True(
                faults.Count == 0 || step is not ("enqueue" or "lease" or "lease again") || life.Standing == CallStanding.Applied,
                $"{when}: said to be {end.Fault}, and was done");
        }
        else if (faults.Count > 0)
        {
            // While it connects again, a call is not even sent. On a busy machine, calls time out by themselves.
            Assert.True(faults.All(fault => fault is BrokerFault.Unknown or BrokerFault.NotApplied), $"{when}: said to be {string.Join(", ", faults)}");
            Assert.True(!end.IsExecuted || !isHit || faults[0] == BrokerFault.Unknown, $"{when}: said to be {faults[0]}, and was done");
        }
    }

    /// <summary>One try: what it answered, or what is known about it.</summary>
    private static async Task<(string? Answer, BrokerFault? Fault)> MakeAsync(Func<Task<string>> call)
    {
        try
        {
            return (await call(), null);
        }
        catch (BrokerException fault)
        {
            return (null, fault.Fault);
        }
    }

    public static RedisLink Open(RespFaultProxy proxy, TimeSpan callTimeout)
    {
        var options = new RedisBrokerOptions { Configuration = $"127.0.0.1:{proxy.Port}", CallTimeout = callTimeout };
        return new RedisLink(RedisSource.From(options), options.CallTimeout, TimeProvider.System, NullLogger.Instance);
    }
}
