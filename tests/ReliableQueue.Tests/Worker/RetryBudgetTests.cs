using ReliableQueue.Broker;
using ReliableQueue.TestKit;
using ReliableQueue.Working.Settle;

namespace ReliableQueue.Tests.Worker;

/// <summary>With its defaults a queue outlasts an hour's outage of what its handlers call.</summary>
public sealed class RetryBudgetTests
{
    private static readonly TimeSpan Promised = TimeSpan.FromMinutes(70);

    [Fact]
    public void A_message_that_always_fails_is_tried_for_seventy_minutes_in_the_least_lucky_case()
    {
        var luck = new Luck();
        using var rig = new WorkerRig { Random = luck };
        rig.Handler = (_, _) =>
        {
            luck.HasRunOut = true;
            throw new HttpRequestException("the mail server is away");
        };
        rig.Start();
        rig.Enqueue(1);

        rig.Advance(Promised);
        Assert.Empty(rig.DeadLetters);
        Assert.True(rig.Handled.Count > 10, $"It was tried {rig.Handled.Count} times.");

        rig.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal((DeadLetterReason.DeliveryLimit, 15), (rig.DeadLetters[0].DeadLetterReason, rig.DeadLetters[0].DeliveryCount));
    }

    [Fact]
    public void The_delays_of_all_deliveries_are_what_the_page_of_configuration_says()
    {
        Assert.Equal(TimeSpan.FromSeconds(4_237.5), Sum(chance: 0));
        Assert.InRange(Sum(chance: 1), TimeSpan.FromSeconds(8_474), TimeSpan.FromSeconds(8_475));
    }

    [Fact]
    public void A_message_whose_handler_works_again_after_an_hour_is_handled_within_the_longest_delay()
    {
        var isAway = true;
        using var rig = new WorkerRig { Handler = (_, _) => isAway ? throw new HttpRequestException("the mail server is away") : Task.CompletedTask };
        rig.Start();
        rig.Enqueue(20);
        rig.Advance(TimeSpan.FromHours(1));

        isAway = false;
        rig.Advance(new RetryOptions().MaxDelay + TimeSpan.FromSeconds(2));

        Assert.Equal(new QueueStatistics(0, 0, 0, 0, null), rig.Statistics);
    }

    private static TimeSpan Sum(double chance)
    {
        var retry = new RetryOptions();
        var backoff = new RetryBackoff(retry.Delay, retry.MaxDelay);
        var delays = Enumerable.Range(1, retry.MaxDeliveries - 1)
            .Select(deliveries => backoff.Decide(new RetryContext(new HttpRequestException(), "work", deliveries, retry.MaxDeliveries, TimeSpan.Zero, chance)))
            .Cast<RetryDecision.Retry>();
        return delays.Aggregate(TimeSpan.Zero, (sum, decision) => sum + decision.Delay);
    }

    /// <summary>Once it has run out it draws nothing but zeros: every delay is the shortest it can be.</summary>
    private sealed class Luck : IRandomSource
    {
        private readonly SeededRandom random = new(1);

        public bool HasRunOut { get; set; }

        public void Fill(Span<byte> bytes)
        {
            random.Fill(bytes);
            if (HasRunOut)
            {
                bytes.Clear();
            }
        }
    }
}
