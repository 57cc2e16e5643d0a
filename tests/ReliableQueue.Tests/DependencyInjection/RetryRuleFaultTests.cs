using Microsoft.Extensions.DependencyInjection;

namespace ReliableQueue.Tests.DependencyInjection;

/// <summary>What is said at start about retry rules, all of it at once.</summary>
public sealed class RetryRuleFaultTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    public static TheoryData<Backoff, string> Backoffs => new()
    {
        { Backoff.Exponential(TimeSpan.Zero, Second), "has a first bound (00:00:00) that must be between 00:00:00.0010000 and 1.00:00:00." },
        { Backoff.Exponential(TimeSpan.FromDays(2), TimeSpan.FromDays(3)), "has a first bound (2.00:00:00) that must be between 00:00:00.0010000 and 1.00:00:00." },
        { Backoff.Exponential(Second, TimeSpan.FromDays(8)), "has a longest bound (8.00:00:00) that must be between 00:00:00.0010000 and 7.00:00:00." },
        { Backoff.Exponential(2 * Second, Second), "has a longest bound (00:00:01) that must be at least its first (00:00:02)." },
        { Backoff.Fixed(), "has 0 fixed delays: there must be between 1 and 1000." },
        { Backoff.Fixed(new TimeSpan[1_001]), "has 1001 fixed delays: there must be between 1 and 1000." },
        { Backoff.Fixed(Second, -Second), "has a delay (-00:00:01) that must be between 00:00:00 and 365.00:00:00." },
        { Backoff.Fixed(TimeSpan.FromDays(366)), "has a delay (366.00:00:00) that must be between 00:00:00 and 365.00:00:00." },
    };

    [Theory]
    [MemberData(nameof(Backoffs))]
    public Task Start_BackoffOfARule_SaysWhichValueAndLimit(Backoff backoff, string text) =>
        SaysAsync(retry => retry.On<TimeoutException>(backoff), $"Retry.On<TimeoutException> for queue 'emails' {text}");

    [Fact]
    public Task Start_RulesThatNeverDecide_AreNamedTogether() => SaysAsync(
        retry => retry.On<IOException>(Backoff.Fixed(Second)).Reject<FileNotFoundException>().Reject<RejectMessageException>().On<DeferMessageException>(Backoff.Fixed(Second)),
        "Retry.Reject<FileNotFoundException> for queue 'emails' never decides: Retry.On<IOException>, added before it, fits all that it fits.",
        "Retry.Reject<RejectMessageException> for queue 'emails' never decides: this exception says itself what becomes of the message.",
        "Retry.On<DeferMessageException> for queue 'emails' never decides: this exception says itself what becomes of the message.");

    [Fact]
    public Task Start_RulesAtTheirLimits_AreNoFault() => SaysAsync(retry => retry
        .On<FileNotFoundException>(Backoff.Fixed(TimeSpan.Zero, TimeSpan.FromDays(365)))
        .On<IOException>(Backoff.Exponential(TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(7)), (_, _) => false)
        .On<IOException>(Backoff.Exponential(TimeSpan.FromDays(1), TimeSpan.FromDays(1))));

    [Fact]
    public void On_WithoutABackoff_IsRefused() => Assert.Throws<ArgumentNullException>(() => new RetryOptions().On<IOException>(null!));

    [Fact]
    public void Fixed_WithoutDelays_IsRefused() => Assert.Throws<ArgumentNullException>(() => Backoff.Fixed(null!));

    private static async Task SaysAsync(Action<RetryOptions> configure, params string[] texts)
    {
        await using var rig = new SetRig(("ReliableQueue:Worker:Enabled", "false"));
        rig.Add.AddReliableWorker(worker => worker.UseBroker(SetRig.NewBroker).AddHandler<Greeting, GreetingHandler>("emails", queue => configure(queue.Retry)));

        Assert.Equal(texts, await rig.FaultsAsync());
    }
}
