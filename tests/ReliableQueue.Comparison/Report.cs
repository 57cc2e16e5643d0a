using System.Globalization;
using System.Runtime.InteropServices;

namespace ReliableQueue.Comparison;

/// <summary>The measured figures as a page.</summary>
internal static class Report
{
    public static string Of(KillPlan plan, IReadOnlyList<Measured> all) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        # The same kills on other queues

        One worker with {KillPlan.Concurrency} messages held handles {plan.Messages:N0} messages of {KillPlan.Milliseconds} ms. It is killed with `kill -9`, its children with it, {plan.Kills} times, each time in the middle of its work, and started again at
        once; the last one runs until nothing has happened for {KillPlan.Patience.TotalSeconds} s. Then, on an empty queue, a worker is killed in the middle of one message and started again at once, and the seconds are
        counted until that message is handled again.

        Every peer has a Redis of its own (`appendonly yes`, `appendfsync everysec`, `noeviction`) and a lease, lock or visibility timeout of {KillPlan.Visibility.TotalSeconds} s. Handlers write what they do to another Redis, with
        its clock.

            bash tests/ReliableQueue.Comparison/run.sh --report docs/comparison.md

        {DateTime.UtcNow:yyyy-MM-dd}, {RuntimeInformation.FrameworkDescription}, {Environment.ProcessorCount} processors.

        | | {Row(all, one => one.Peer.Name)}
        |---|{string.Concat(all.Select(_ => "---|"))}
        | enqueued | {Row(all, one => Count(one.Enqueued))}
        | kills under load | {Row(all, one => Count(one.Kills))}
        | in a handler at a kill | {Row(all, one => Count(one.InHand))}
        | **lost** | {Row(all, one => $"**{one.Lost}**")}
        | given up and kept | {Row(all, one => Count(one.GivenUp))}
        | handled to the end more than once | {Row(all, one => Count(one.Duplicated))}
        | seconds to redelivery after a kill | {Row(all, one => Seconds(one.Redelivery))}

        | | versions | settings |
        |---|---|---|
        {string.Join('\n', all.Select(one => $"| {one.Peer.Name} | {one.Version} | {one.Peer.Settings} |"))}

        *Lost* is enqueued and neither handled to the end nor kept as given up (a dead letter, a failed job). *Handled to the end more than once* is what at-least-once permits: what had been
        handled and not yet acknowledged at a kill comes back, at most {plan.Kills} kills × {KillPlan.Concurrency} held. *Seconds to redelivery* lists each measurement, from the kill, so the start of the new
        process is part of it.

        Where the differences come from: Celery takes a message off the list with one call and notes that it has it with another, so a kill between the two loses it, and it looks every 100 s for what
        is due to be delivered again. BullMQ takes a message in one step and finds what a dead worker held by a periodic check. ReliableQueue takes it in one step, too, gives back at its start
        what its earlier run held, and acknowledges in batches that gather for up to 2 ms, which is why it may repeat more.

        """);

    private static string Row(IReadOnlyList<Measured> all, Func<Measured, string> cell) => string.Concat(all.Select(one => cell(one) + " | ")).TrimEnd();

    private static string Count(int number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Seconds(IReadOnlyList<double?> all) =>
        string.Join(" · ", all.Order().Select(one => one?.ToString("F2", CultureInfo.InvariantCulture) ?? $"none within {KillPlan.Patience.TotalSeconds}"));
}
