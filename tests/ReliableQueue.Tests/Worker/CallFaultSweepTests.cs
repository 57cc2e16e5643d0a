using ReliableQueue.Broker;

namespace ReliableQueue.Tests.Worker;

/// <summary>
/// The first, second, third … call of a worker to its broker fails: that one alone, everything for five seconds, or everything until somebody mends it two minutes
/// later. The messages end as they would have ended.
/// </summary>
public sealed class CallFaultSweepTests
{
    private static readonly TimeSpan alone = TimeSpan.Zero;
    private static readonly TimeSpan shortly = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan lengthy = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData(BrokerFault.Unknown, false)]
    [InlineData(BrokerFault.Unknown, true)]
    [InlineData(BrokerFault.NotApplied, false)]
    [InlineData(BrokerFault.Full, false)]
    [InlineData(BrokerFault.Refused, false)]
    public void Every_message_ends_as_planned_whichever_call_of_its_worker_fails(BrokerFault fault, bool isExecuted)
    {
        var calls = Run(new CallSpoiler(0, fault, isExecuted, alone), "nothing fails");
        Assert.InRange(calls, 20, 100);
        foreach (var lasting in new[] { alone, shortly, lengthy })
        {
            for (var call = 1; call <= calls; call++)
            {
                Run(new CallSpoiler(call, fault, isExecuted, lasting), $"call {call} of {calls}, {fault}{(isExecuted ? ", done" : "")}, for {lasting}");
            }
        }
    }

    /// <summary>Returns how many calls were made.</summary>
    private static int Run(CallSpoiler spoiler, string when)
    {
        using var rig = new WorkerRig();
        rig.Options.PollInterval = TimeSpan.FromSeconds(4);
        rig.Options.Retry.Delay = rig.Options.Retry.MaxDelay = TimeSpan.FromSeconds(2);
        spoiler.Spoil(rig);
        List<MessageId> planned = [];
        var isStopping = false;
        rig.Handler = async (context, token) =>
        {
            switch (planned.IndexOf(context.Id))
            {
                case 1 when rig.Handled.Count(handled => handled.Id == context.Id) == 1:
                    throw new InvalidOperationException("once");
                case 2:
                    throw new RejectMessageException("never");
                case 3:
                    await Task.Delay(TimeSpan.FromSeconds(40), rig.Time, token);
                    break;
                case -1 when !isStopping:
                    // The last message is held when the host stops.
                    await Task.Delay(Timeout.InfiniteTimeSpan, rig.Time, token);
                    break;
            }
        };

        planned.AddRange(rig.Enqueue(4));
        rig.Start();
        rig.Advance(TimeSpan.FromMinutes(1));
        rig.Advance(spoiler.Lasting * 2);
        var last = Assert.Single(rig.Enqueue(1));
        rig.Advance(TimeSpan.FromSeconds(2));
        rig.Stop();
        rig.Advance(TimeSpan.FromMinutes(1));
        Assert.True(rig.Running.IsCompletedSuccessfully, $"{when}: the worker does not end");
        isStopping = true;
        rig.Start();
        rig.Advance(spoiler.Lasting + TimeSpan.FromMinutes(1));

        var counts = rig.Statistics;
        Assert.True(counts is { Ready: 0, Scheduled: 0, Leased: 0, DeadLettered: 1 }, $"{when}: left are {counts}");
        var dead = rig.DeadLetters[0];
        Assert.True(dead.Id == planned[2] && dead.DeadLetterReason == DeadLetterReason.Rejected, $"{when}: dead is {dead.Id} by {dead.DeadLetterReason}");
        Assert.False(rig.Escaped);

        // Five seconds are less than a lease, so nothing is delivered once more; two minutes end every lease once.
        var more = spoiler.Lasting == lengthy ? 2 : 0;
        int[] handled = [.. planned.Append(last).Select(id => rig.Handled.Count(context => context.Id == id))];

        // The last one comes while the worker cannot lease it, or is in its hands when it stops.
        int[] expected = [1, 2, 1, 1, handled[4] == 1 && spoiler.Lasting > alone ? 1 : 2];
        Assert.True(
            handled.Zip(expected).All(pair => pair.First >= pair.Second && pair.First <= pair.Second + more),
            $"{when}: handled {string.Join(" ", handled)} times, not {string.Join(" ", expected)}");
        return spoiler.Calls;
    }
}
