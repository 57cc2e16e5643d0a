using Microsoft.Extensions.Logging.Abstractions;
using ReliableQueue.Broker;
using Xunit;

namespace ReliableQueue.Redis.Tests.Scripts;

/// <summary>
/// Lua has no rollback. Each script is broken at each of its calls; then either its caller repeats the call, as it must, or is never heard of again.
/// </summary>
public sealed class BrokenScriptTests(SharedRedis redis)
{
    [Theory]
    [InlineData("enqueue", true)]
    [InlineData("enqueue", false)]
    [InlineData("lease", true)]
    [InlineData("lease", false)]
    [InlineData("ack", true)]
    [InlineData("ack", false)]
    [InlineData("settle", true)]
    [InlineData("settle", false)]
    [InlineData("renew", true)]
    [InlineData("renew", false)]
    [InlineData("return", true)]
    [InlineData("return", false)]
    public async Task A_script_that_breaks_off_loses_no_message_and_leaves_no_two_holders(string script, bool repeated)
    {
        var broken = 0;
        while (await BreakAsync(script, broken + 1, repeated))
        {
            broken++;
        }

        Assert.InRange(broken, 3, 40);
    }

    /// <summary>False: the script has fewer calls.</summary>
    private async Task<bool> BreakAsync(string script, int call, bool repeated)
    {
        var prefix = "b" + Guid.NewGuid().ToString("n")[..12];
        await using var whole = Open(prefix, RedisScripts.Shipped);
        await using var broken = Open(prefix, BrokenScript.In(RedisScripts.Shipped, script, call));
        var ledger = new Ledger(whole, redis.Database, new RedisKeys(prefix, QueueName.Parse("emails")));
        var act = await PrepareAsync(script, ledger);

        try
        {
            await act(broken);
            return false;
        }
        catch (BrokerException fault) when (fault.Message.Contains(BrokenScript.Fault, StringComparison.Ordinal))
        {
            Assert.Equal(BrokerFault.Unknown, fault.Fault);
        }

        if (repeated)
        {
            await act(whole);
        }

        if (script == "enqueue" && !repeated)
        {
            // Nobody was promised anything; all that may stay is an envelope that is not listed.
            ledger.AssertOneHolderEach();
            return true;
        }

        await ledger.AssertNothingLostAsync();
        return true;
    }

    private static async Task<Func<IQueueBroker, Task>> PrepareAsync(string script, Ledger ledger)
    {
        var queue = ledger.Queue;
        switch (script)
        {
            case "enqueue":
                var messages = new[] { TestQueue.Message(), TestQueue.Message(), TestQueue.Message() };
                ledger.Enqueued(messages.Select(message => message.Id));
                var request = queue.NextEnqueue(messages);
                return broker => broker.EnqueueAsync(queue.Name, request, CancellationToken.None);

            case "lease":
                await FillAsync(ledger);
                var lease = queue.NextLease(100);
                return async broker => ledger.Given(await broker.LeaseAsync(queue.Name, lease, CancellationToken.None));

            case "return":
                await FillAsync(ledger);
                ledger.Given(await queue.LeaseAsync(100));
                return broker => broker.ReturnSessionAsync(queue.Name, queue.Worker, queue.MaxDeliveries, CancellationToken.None);

            case "renew":
                await FillAsync(ledger);
                var held = ledger.Given(await queue.LeaseAsync(100));
                return broker =>
                {
                    using var connection = broker.OpenRenewalConnection();
                    _ = connection.Renew(queue.Name, [.. held.Select(message => message.Lease)], queue.Visibility);
                    return Task.CompletedTask;
                };

            default:
                return await PrepareSettlingAsync(script, ledger);
        }
    }

    private static async Task<Func<IQueueBroker, Task>> PrepareSettlingAsync(string script, Ledger ledger)
    {
        var queue = ledger.Queue;
        await FillAsync(ledger);
        var held = ledger.Given(await queue.LeaseAsync(100));
        Settlement[] kinds = script == "ack"
            ? [Settlement.Ack.Instance]
            : [
                new Settlement.Retry(TimeSpan.Zero), new Settlement.Release(TimeSpan.Zero), new Settlement.Retry(TimeSpan.FromMinutes(1)),
                Settlement.Ack.Instance, new Settlement.Release(TimeSpan.FromMinutes(1)), new Settlement.DeadLetter(DeadLetterReason.Rejected, "no"),
            ];
        SettleRequest[] requests = [.. held.Select((message, i) => new SettleRequest(message.Lease, kinds[i % kinds.Length]))];
        ledger.MayBeGone.UnionWith(requests.Where(request => request.Settlement is Settlement.Ack).Select(request => request.Lease.Message));
        return broker => broker.SettleAsync(queue.Name, requests, CancellationToken.None);
    }

    /// <summary>Messages never delivered, retried, scheduled, suspected, leased and run out, and run out at the limit.</summary>
    private static async Task FillAsync(Ledger ledger)
    {
        var queue = ledger.Queue;
        ledger.Enqueued(await queue.EnqueueAsync(2));
        await ledger.LoseAsync(3);
        ledger.Given(await queue.LeaseAsync(1));
        await ledger.PassTimeAsync();

        ledger.Enqueued(await queue.EnqueueAsync(4));
        var leased = ledger.Given(await queue.LeaseAsync(4, suspects: 0));
        await queue.SettleAsync(leased[0], new Settlement.Retry(TimeSpan.Zero));
        await queue.SettleAsync(leased[1], new Settlement.Retry(TimeSpan.FromMinutes(1)));
        await ledger.PassTimeAsync();
        ledger.Enqueued(await queue.EnqueueAsync(3));
    }

    private RedisQueueBroker Open(string prefix, RedisScripts scripts)
    {
        var options = new RedisBrokerOptions { Configuration = redis.Server.Configuration, CallTimeout = TimeSpan.FromSeconds(20) };
        var link = new RedisLink(ConnectionSource.From(options), options.CallTimeout, TimeProvider.System, NullLogger.Instance);
        return new RedisQueueBroker(link, prefix, SystemRandomSource.Instance, scripts);
    }
}
