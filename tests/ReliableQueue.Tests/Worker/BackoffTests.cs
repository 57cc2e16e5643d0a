using CsCheck;
using ReliableQueue.Broker;
using ReliableQueue.Producing;
using ReliableQueue.Working.Settle;
using ReliableQueue.TestKit;
using Xunit;

namespace ReliableQueue.Tests.Worker;

/// <summary>How long is waited before a failed delivery is tried again, and before a failed call is.</summary>
public class BackoffTests
{
    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 10)]
    [InlineData(3, 20)]
    [InlineData(20, 600)]
    [InlineData(5_000, 600)]
    public void The_bound_of_a_retry_doubles_with_every_delivery_up_to_the_longest(int deliveries, int seconds)
    {
        var backoff = new RetryBackoff(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(10));
        var failure = new RetryContext(new InvalidOperationException(), "work", deliveries, MaxDeliveries: 6_000, TimeSpan.Zero, Chance: 0);

        Assert.Equal(new RetryDecision.Retry(TimeSpan.FromSeconds(seconds / 2.0)), backoff.Decide(failure));
        Assert.Equal(new RetryDecision.Retry(TimeSpan.FromSeconds(seconds * 0.75)), backoff.Decide(failure with { Chance = 0.5 }));
    }

    [Fact]
    public void A_retry_waits_for_at_least_half_of_its_bound_and_never_less_than_after_the_delivery_before() =>
        Gen.Select(Gen.Int[1, 86_400_000], Gen.Int[1, 604_800_000], Gen.Int[1, 5_000], Gen.Double[0, 0.999]).Sample((first, more, deliveries, chance) =>
        {
            var longest = TimeSpan.FromMilliseconds(Math.Max(first, more));
            var backoff = new RetryBackoff(TimeSpan.FromMilliseconds(first), longest);
            TimeSpan After(int delivery, double drawn) => Assert.IsType<RetryDecision.Retry>(
                backoff.Decide(new RetryContext(new InvalidOperationException(), "work", delivery, MaxDeliveries: 6_000, TimeSpan.Zero, drawn))).Delay;

            var least = After(deliveries, 0);
            Assert.InRange(After(deliveries, chance), least, 2 * least);
            Assert.InRange(2 * least, TimeSpan.FromMilliseconds(first), longest);
            Assert.True(After(deliveries + 1, chance) >= After(deliveries, chance));
        });

    [Theory]
    [InlineData(1, 50)]
    [InlineData(2, 100)]
    [InlineData(6, 1_600)]
    [InlineData(7, 2_000)]
    [InlineData(1_000_000, 2_000)]
    public void The_pause_after_failed_calls_doubles_to_two_seconds_and_is_jittered(int failures, int milliseconds)
    {
        var random = new SeededRandom(1);
        var pauses = Enumerable.Range(0, 100).Select(_ => RetryPause.After(failures, random).TotalMilliseconds).ToList();

        Assert.All(pauses, pause => Assert.InRange(pause, 0.75 * milliseconds, 1.25 * milliseconds));
        Assert.Equal(pauses.Count, pauses.Distinct().Count());
    }
}
