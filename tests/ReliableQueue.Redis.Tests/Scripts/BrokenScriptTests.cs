using Microsoft.Extensions.Logging.Abstractions;
using ReliableQueue.Broker;
using Xunit;

namespace ReliableQueue.Redis.Tests.Scripts;

/// <summary>
/// Lua has no rollback. Each script is broken at each of its calls; then either its caller repeats the call, as it must, or is never heard of again.
/// </summary>
public sealed class BrokenScriptTests(SharedRedis redis)
{
    public static TheoryData<string, ScriptFault> Cases =>
        new MatrixTheoryData<string, ScriptFault>(
            ["enqueue", "enqueue delayed", "lease", "lease again", "ack", "ack late", "settle", "settle late", "renew", "return", "statistics",
                "browse ready", "browse scheduled", "browse leased", "browse dead", "find", "redrive", "delete", "purge ready", "purge scheduled", "purge leased",
                "purge dead", "pause", "announce", "workers"],
            Enum.GetValues<ScriptFault>());

    public static TheoryData<string, ScriptFault, bool> BuryingCases =>
        new MatrixTheoryData<string, ScriptFault, bool>(["lease", "settle", "settle late", "return", "redrive", "delete", "purge dead"], Enum.GetValues<ScriptFault>(), [true, false]);

    [Theory]
    [MemberData(nameof(Cases))]
    public Task A_script_that_breaks_off_and_is_repeated_leaves_each_message_in_one_place(string script, ScriptFault fault) =>
        SweepAsync(script, fault, repeated: true);

    [Theory]
    [MemberData(nameof(Cases))]
    public Task A_script_that_breaks_off_for_good_loses_no_message_and_leaves_nothing_over(string script, ScriptFault fault) =>
        SweepAsync(script, fault, repeated: false);

    [Theory]
    [MemberData(nameof(BuryingCases))]
    public async Task A_late_answer_after_a_script_that_breaks_off_takes_nothing_from_a_dead_letter(string script, ScriptFault fault, bool repeated)
    {
        await SweepAsync(script, fault, repeated, Settlement.Ack.Plain);
        await SweepAsync(script, fault, repeated, new Settlement.Retry(TimeSpan.Zero, null));
    }

    [Theory]
    [InlineData("redrive")]
    [InlineData("delete")]
    public async Task A_script_of_an_operator_that_fails_has_changed_nothing(string script)
    {
        await using var link = OpenLink();
        var failed = 0;
        for (var call = 1; ; call++)
        {
            var prefix = "b" + Guid.NewGuid().ToString("n")[..12];
            var whole = new RedisQueueBroker(link, prefix, SystemRandomSource.Instance, RedisScripts.Shipped);
            var broken = new RedisQueueBroker(
                link, prefix, SystemRandomSource.Instance, BrokenScript.In(RedisScripts.Shipped, script, call, ScriptFault.Error, prefix + ":reached"));
            using var ledger = new Ledger(whole, redis.Database, new RedisKeys(prefix, QueueName.Parse("emails")));
            var act = await ScriptCall.PrepareAsync(script, ledger);
            var before = await ledger.ContentsAsync();
            var fault = await Record.ExceptionAsync(() => act(broken));
            if (!await redis.Database.KeyExistsAsync(prefix + ":reached"))
            {
                break;
            }

            // The last call is the hint, and its failure fails nothing.
            failed += fault is null ? 0 : 1;
            Assert.True(fault is null || before == await ledger.ContentsAsync(), $"{script} broken at call {call}: {before}\n{await ledger.ContentsAsync()}");
        }

        Assert.InRange(failed, 5, 120);
    }

    private async Task SweepAsync(string script, ScriptFault fault, bool repeated, Settlement? late = null)
    {
        await using var link = OpenLink();
        var broken = 0;
        while (await BreakAsync(link, script, broken + 1, fault, repeated, late))
        {
            broken++;
        }

        Assert.InRange(broken, script switch { "lease again" => 3, "pause" or "announce" => 4, _ => 2 }, 120);
    }

    /// <summary>False: the script has fewer calls.</summary>
    private async Task<bool> BreakAsync(RedisLink link, string script, int call, ScriptFault kind, bool repeated, Settlement? late)
    {
        var prefix = "b" + Guid.NewGuid().ToString("n")[..12];
        var whole = new RedisQueueBroker(link, prefix, SystemRandomSource.Instance, RedisScripts.Shipped);
        var broken = new RedisQueueBroker(
            link, prefix, SystemRandomSource.Instance, BrokenScript.In(RedisScripts.Shipped, script.Split(' ')[0], call, kind, prefix + ":reached"));
        using var ledger = new Ledger(whole, redis.Database, new RedisKeys(prefix, QueueName.Parse("emails")));
        var act = await ScriptCall.PrepareAsync(script, ledger);

        try
        {
            await act(broken);
        }
        catch (BrokerException fault) when (fault.Message.Contains(BrokenScript.Fault, StringComparison.Ordinal))
        {
            Assert.True(kind != ScriptFault.Error || fault.Fault == BrokerFault.Unknown);
        }

        if (!await redis.Database.KeyExistsAsync(prefix + ":reached"))
        {
            return false;
        }

        var when = $"{script} broken at call {call} by {kind}{(repeated ? ", repeated" : "")}{(late is null ? "" : $", then a late {late.GetType().Name}")}";
        if (repeated)
        {
            await act(whole);
        }

        if (late is not null)
        {
            await ledger.SettleLateAsync(late, when);
        }
        else if (repeated || script.StartsWith("enqueue", StringComparison.Ordinal))
        {
            await ledger.AssertOnePlaceEachAsync(when);
        }

        if (script.StartsWith("enqueue", StringComparison.Ordinal) && !repeated)
        {
            // Nobody was promised anything.
            ledger.MayBeGone.UnionWith(ledger.Owed);
        }

        await ledger.AssertNothingLostAsync(when);
        return true;
    }

    private RedisLink OpenLink()
    {
        var options = new RedisBrokerOptions { Configuration = redis.Server.Configuration, CallTimeout = TimeSpan.FromSeconds(20) };
        return new RedisLink(RedisSource.From(options), options.CallTimeout, TimeProvider.System, NullLogger.Instance);
    }
}
