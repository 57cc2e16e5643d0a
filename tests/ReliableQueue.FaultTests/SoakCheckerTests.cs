using System.Diagnostics;
using ReliableQueue.Broker;
using ReliableQueue.FaultWorker;
using ReliableQueue.Soak;

namespace ReliableQueue.FaultTests;

/// <summary>The checker of the soak finds what it is there to find: one that never failed proves nothing.</summary>
public sealed class SoakCheckerTests
{
    private const long Number = 7;

    private static readonly MessageId Id = IdOf(1);

    private readonly List<string> faults = [];

    [Fact]
    public void An_acknowledged_message_that_nobody_saw_is_lost() => Assert.Equal(1, After(Told(HistoryWord.Enqueued)).Lost);

    [Fact]
    public void An_acknowledged_message_that_was_started_and_never_ended_is_lost() =>
        Assert.Equal(1, After(Told(HistoryWord.Enqueued), Did(EffectKind.Start, at: 1, fence: 10)).Lost);

    [Fact]
    public void A_message_of_unknown_outcome_that_was_started_and_never_ended_is_lost() =>
        Assert.Equal(1, After(Told(HistoryWord.Unknown), Did(EffectKind.Start, at: 1, fence: 10)).Lost);

    [Fact]
    public void A_message_of_unknown_outcome_that_nobody_saw_is_neither_lost_nor_recovered()
    {
        var tally = After(Told(HistoryWord.Unknown));
        Assert.Equal((0, 0, 1), (tally.Lost, tally.Recovered, tally.Unknown));
        Assert.Empty(faults);
    }

    [Fact]
    public void A_message_of_unknown_outcome_that_ended_is_recovered()
    {
        Assert.Equal(1, After(Told(HistoryWord.Unknown), Did(EffectKind.Start, at: 1, fence: 10), Did(EffectKind.End, at: 2, fence: 10)).Recovered);
        Assert.Empty(faults);
    }

    [Fact]
    public void A_refused_message_that_ran_is_unexpected() =>
        Assert.Equal(1, After(Told(HistoryWord.Refused), Did(EffectKind.Start, at: 1, fence: 10), Did(EffectKind.End, at: 2, fence: 10)).Unexpected);

    [Fact]
    public void A_message_that_nobody_enqueued_is_unexpected() =>
        Assert.Equal(1, After([], Did(EffectKind.Start, at: 1, fence: 10), Did(EffectKind.End, at: 2, fence: 10)).Unexpected);

    [Fact]
    public void A_message_that_ran_under_two_ids_is_unexpected() =>
        Assert.Equal(1, After(Told(HistoryWord.Unknown), Did(EffectKind.End, at: 1, fence: 10), Did(EffectKind.End, at: 2, fence: 11) with { Message = IdOf(2) }).Unexpected);

    [Fact]
    public void A_message_that_ended_twice_is_duplicated_and_breaks_no_promise()
    {
        var tally = After(
            Told(HistoryWord.Enqueued),
            Did(EffectKind.Start, at: 1, fence: 10),
            Did(EffectKind.Start, at: 5, fence: 11, delivery: 2),
            Did(EffectKind.End, at: 6, fence: 11, delivery: 2),
            Did(EffectKind.End, at: 7, fence: 10) with { IsLeaseValid = false });

        Assert.Equal((1, 1, 0), (tally.Duplicated, tally.Redelivered, tally.Lost));
        Assert.Empty(faults);
    }

    [Fact]
    public void Two_valid_leases_at_once_are_found()
    {
        After(
            Told(HistoryWord.Enqueued),
            Did(EffectKind.Start, at: 1, fence: 10),
            Did(EffectKind.Start, at: 5, fence: 11, delivery: 2),
            Did(EffectKind.End, at: 6, fence: 11, delivery: 2),
            Did(EffectKind.End, at: 7, fence: 10));

        Assert.Contains("held twice", Assert.Single(faults), StringComparison.Ordinal);
    }

    [Fact]
    public void A_delivery_that_was_started_twice_is_found()
    {
        After(Told(HistoryWord.Enqueued), Did(EffectKind.Start, at: 1, fence: 10), Did(EffectKind.Start, at: 2, fence: 10), Did(EffectKind.End, at: 3, fence: 10));
        Assert.Contains("was started 2 times", Assert.Single(faults), StringComparison.Ordinal);
    }

    [Fact]
    public void A_delivery_count_that_falls_while_fences_rise_is_found()
    {
        After(
            Told(HistoryWord.Enqueued),
            Did(EffectKind.Start, at: 1, fence: 10, delivery: 3),
            Did(EffectKind.Start, at: 5, fence: 11, delivery: 2),
            Did(EffectKind.End, at: 6, fence: 11, delivery: 2));

        Assert.Contains("delivery 3", Assert.Single(faults), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(DeadLetterReason.DeliveryLimit, Crew.MaxDeliveries, 0)]
    [InlineData(DeadLetterReason.DeliveryLimit, Crew.MaxDeliveries - 1, 1)]
    [InlineData(DeadLetterReason.Rejected, 1, 1)]
    public void A_message_that_always_throws_is_a_dead_letter_at_the_limit_and_for_no_other_reason(DeadLetterReason reason, int deliveries, int found)
    {
        var checker = new Checker(Told(HistoryWord.Enqueued, WorkOrderAct.Throw), faults);
        checker.Add([(Number, new DeadLetter(Id, default, reason, "It threw.", deliveries, default))]);

        Assert.Equal(0, checker.Tally().Lost);
        Assert.Equal(found, faults.Count);
    }

    [Fact]
    public void The_time_from_a_kill_to_the_next_start_is_measured()
    {
        var checker = new Checker(Told(HistoryWord.Enqueued), faults);
        checker.Add(
            [
                Did(EffectKind.Start, at: 1, fence: 10),
                Did(EffectKind.Start, at: 1 + 3 * Stopwatch.Frequency, fence: 11, delivery: 2) with { Process = 2 },
                Did(EffectKind.End, at: 2 + 3 * Stopwatch.Frequency, fence: 11, delivery: 2) with { Process = 2 },
            ],
            new[] { 1 + Stopwatch.Frequency, 1 + 5 * Stopwatch.Frequency }.ToLookup(_ => 1));

        Assert.Equal(2, Assert.Single(checker.Tally().Redeliveries), tolerance: 0.001);
        Assert.Empty(faults);
    }

    private Soak.Tally After(Dictionary<long, Fate> fates, params Effect[] effects)
    {
        var checker = new Checker(fates, faults);
        checker.Add(effects, Array.Empty<long>().ToLookup(_ => 0));
        return checker.Tally();
    }

    private static Dictionary<long, Fate> Told(HistoryWord word, WorkOrderAct act = WorkOrderAct.Return) => new()
    {
        [Number] = new Fate { Act = act, Told = word, Id = word == HistoryWord.Enqueued ? Id : null },
    };

    private static Effect Did(EffectKind kind, long at, long fence, int delivery = 1) => new(kind, Process: 1, at, Id, delivery, fence, Number, IsLeaseValid: true);

    private static MessageId IdOf(int last) => MessageId.TryParse($"00000000-0000-7000-8000-{last:D12}", out var id) ? id : throw new InvalidOperationException("Not an id.");
}
