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
        checker.Add([(Number, Letter(reason, "It threw.", deliveries, default))]);

        Assert.Equal(0, checker.Tally().Lost);
        Assert.Equal(found, faults.Count);
    }

    [Fact]
    public void A_message_that_is_rejected_without_a_handler_that_failed_is_found()
    {
        var checker = new Checker(Told(HistoryWord.Enqueued, WorkOrderAct.Reject), faults);
        checker.Add([(Number, Rejected(DateTimeOffset.UtcNow))]);
        checker.Tally();
        Assert.Contains("dead letter for Rejected", Assert.Single(faults), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 0)]
    public void A_message_that_starts_again_on_the_worker_that_recorded_its_rejection_is_found_after_a_restart_too(int successor, int found)
    {
        After(
            Told(HistoryWord.Enqueued, WorkOrderAct.Reject),
            Host(process: 1, at: 0, worker: 1),
            Did(EffectKind.Start, at: 1, fence: 10),
            Did(EffectKind.Fail, at: 2, fence: 10),
            Did(EffectKind.Record, at: 3, fence: 10) with { Number = 0 },
            Host(process: 2, at: 4, worker: successor),
            Did(EffectKind.Start, at: 5, fence: 11, delivery: 2) with { Process = 2 },
            Did(EffectKind.End, at: 6, fence: 11, delivery: 2) with { Process = 2 });

        Assert.Equal(found, faults.Count(fault => fault.Contains("recorded as over by that worker", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(5, true, 1)]
    [InlineData(5, false, 0)]
    [InlineData(-5, true, 0)]
    public void A_message_that_is_started_with_a_valid_lease_after_it_became_a_dead_letter_is_found(int seconds, bool isLeaseValid, int found)
    {
        var checker = new Checker(Told(HistoryWord.Enqueued, WorkOrderAct.Reject), faults);
        var at = Stopwatch.GetTimestamp();
        checker.Add([(Number, Rejected(DateTimeOffset.UtcNow - TimeSpan.FromSeconds(seconds)))]);
        checker.Add(
            [
                Did(EffectKind.Start, at - 60 * Stopwatch.Frequency, fence: 10),
                Did(EffectKind.Fail, at - 59 * Stopwatch.Frequency, fence: 10),
                Did(EffectKind.Start, at, fence: 11, delivery: 2) with { IsLeaseValid = isLeaseValid },
            ],
            NoKills);
        checker.Tally();
        Assert.Equal(found, faults.Count);
    }

    [Theory]
    [InlineData(Crew.MaxDeliveries, 0)]
    [InlineData(Crew.MaxDeliveries + 1, 1)]
    public void A_delivery_beyond_the_limit_is_found(int delivery, int found)
    {
        After(Told(HistoryWord.Enqueued), Did(EffectKind.Start, at: 1, fence: 10, delivery), Did(EffectKind.End, at: 2, fence: 10, delivery));
        Assert.Equal(found, faults.Count);
    }

    [Fact]
    public void A_killer_that_is_started_more_often_than_it_may_be_delivered_is_found()
    {
        var checker = new Checker(Told(HistoryWord.Enqueued, WorkOrderAct.Kill), faults);
        checker.Add([(Number, Letter(DeadLetterReason.DeliveryLimit, null, Crew.MaxDeliveries, DateTimeOffset.UtcNow))]);
        checker.Add(Enumerable.Range(1, Crew.MaxDeliveries + 1).Select(start => Did(EffectKind.Start, start, start, Math.Min(start, Crew.MaxDeliveries)) with { Process = start }), NoKills);
        checker.Tally();
        Assert.Contains($"was started {Crew.MaxDeliveries + 1} times", Assert.Single(faults), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(EffectKind.Start, 3, 10, 1)]
    [InlineData(EffectKind.Start, 3, 25, 0)]
    [InlineData(EffectKind.Start, 2, 10, 0)]
    [InlineData(EffectKind.Fail, 3, 10, 0)]
    public void Two_suspects_beside_each_other_are_found_when_all_their_earlier_deliveries_ended_with_their_workers(EffectKind before, int delivery, int second, int found)
    {
        After(
            new() { [Number] = Told(HistoryWord.Enqueued)[Number], [Number + 1] = new Fate { Told = HistoryWord.Enqueued, Id = IdOf(2) } },
            Did(EffectKind.Start, at: 1, fence: 1),
            Did(before, at: 2, fence: 1) with { Fence = before == EffectKind.Start ? 2 : 1, DeliveryCount = before == EffectKind.Start ? 2 : 1 },
            Did(EffectKind.Start, at: 10, fence: 10, delivery: 3) with { Process = 5 },
            Did(EffectKind.End, at: 20, fence: 10, delivery: 3) with { Process = 5 },
            Did(EffectKind.Start, second, fence: 11, delivery) with { Process = 5, Number = Number + 1, Message = IdOf(2) },
            Did(EffectKind.End, second + 5, fence: 11, delivery) with { Process = 5, Number = Number + 1, Message = IdOf(2) });

        Assert.Equal(found, faults.Count);
    }

    [Fact]
    public void A_suspect_in_hand_at_the_death_of_its_process_is_not_beside_the_next_one_of_the_same_process_id()
    {
        After(
            new() { [Number] = Told(HistoryWord.Unknown)[Number], [Number + 1] = new Fate { Told = HistoryWord.Enqueued, Id = IdOf(2) } },
            Host(process: 5, at: 1, worker: 1),
            Did(EffectKind.Start, at: 2, fence: 10, delivery: 3) with { Process = 5 },
            Host(process: 5, at: 3, worker: 1),
            Did(EffectKind.Start, at: 4, fence: 11, delivery: 3) with { Process = 5, Number = Number + 1, Message = IdOf(2) },
            Did(EffectKind.End, at: 5, fence: 11, delivery: 3) with { Process = 5, Number = Number + 1, Message = IdOf(2) });

        Assert.DoesNotContain(faults, fault => fault.Contains("next to each other", StringComparison.Ordinal));
    }

    [Fact]
    public void A_broker_that_was_made_to_lose_may_lose_and_may_not_invent()
    {
        var checker = new Checker(Told(HistoryWord.Enqueued), faults) { MayLose = true };
        checker.Add([Did(EffectKind.Start, at: 1, fence: 10) with { Number = Number + 1, Message = IdOf(2) }], NoKills);
        var tally = checker.Tally();
        Assert.Equal((1, 1), (tally.Lost, tally.Unexpected));
        Assert.Contains("was not to be expected", Assert.Single(faults), StringComparison.Ordinal);
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

    private Tally After(Dictionary<long, Fate> fates, params Effect[] effects)
    {
        var checker = new Checker(fates, faults);
        checker.Add(effects, NoKills);
        return checker.Tally();
    }

    private static ILookup<int, long> NoKills => Array.Empty<long>().ToLookup(_ => 0);

    private static StoredMessage Rejected(DateTimeOffset at) => Letter(DeadLetterReason.Rejected, "It rejected.", 1, at);

    private static StoredMessage Letter(DeadLetterReason reason, string? error, int deliveries, DateTimeOffset at) =>
        new(Id, default, MessageState.DeadLettered, deliveries) { DeadLetterReason = reason, Error = error, DeadLetteredAt = at };

    private static Effect Host(int process, long at, long worker) => new(EffectKind.Host, process, at, default, 0, 0, worker, IsLeaseValid: false);

    private static Dictionary<long, Fate> Told(HistoryWord word, WorkOrderAct act = WorkOrderAct.Return) => new()
    {
        [Number] = new Fate { Act = act, Told = word, Id = word == HistoryWord.Enqueued ? Id : null },
    };

    private static Effect Did(EffectKind kind, long at, long fence, int delivery = 1) => new(kind, Process: 1, at, Id, delivery, fence, Number, IsLeaseValid: true);

    private static MessageId IdOf(int last) => MessageId.TryParse($"00000000-0000-7000-8000-{last:D12}", out var id) ? id : throw new InvalidOperationException("Not an id.");
}
