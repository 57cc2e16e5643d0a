using System.Globalization;
using ReliableQueue.Broker;

namespace Quickstart;

/// <summary>Compares what was enqueued with what the handlers wrote, what the workers signalled and what the broker holds at the end.</summary>
internal sealed class Audit(
    IReadOnlyDictionary<string, string> expected, ILookup<string, string> effects, IReadOnlyList<StoredMessage> deadLetters, Ledger ledger, Verdict verdict)
{
    public void CheckEffects()
    {
        foreach (var (message, checksum) in expected)
        {
            verdict.Check(effects.Contains(message), $"Message {message} has left no checksum: it is lost.");
            verdict.Check(effects[message].All(written => written == checksum), $"Message {message} has a wrong checksum.");
        }
    }

    public void CheckRedelivered(string message)
    {
        verdict.Check(ledger.Deliveries(message) == 2, $"The long message should have been delivered twice, not {ledger.Deliveries(message)} times.");
        verdict.Check(ledger.TimesEntered(message) == 2, $"Its handler should have been entered twice, not {ledger.TimesEntered(message)} times.");
    }

    public void CheckRejected(string message)
    {
        verdict.Check(ledger.TimesEntered(message) == 1, $"The rejected message should have run once, not {ledger.TimesEntered(message)} times.");
        verdict.Check(deadLetters.Count == 1, $"There should be 1 dead letter, not {deadLetters.Count}.");
        verdict.Check(
            deadLetters is [{ DeadLetterReason: DeadLetterReason.Rejected, DeliveryCount: 1, Error: { } error } only]
                && only.Id.ToString() == message && error.Contains("There is no file", StringComparison.Ordinal),
            "The dead letter should be the rejected message, with its reason and one delivery.");
    }

    public void CheckEmpty(QueueStatistics left) =>
        verdict.Check(left is { Ready: 0, Scheduled: 0, Leased: 0, DeadLettered: 1 }, $"The queue should be empty but for its dead letter, but shows {left}.");

    public void PrintTotals(string rejected)
    {
        var dead = deadLetters.Select(letter => letter.Id.ToString()).ToHashSet();
        string[] all = [.. expected.Keys, rejected];
        Print("enqueued", all.Length);
        Print("handled", all.Count(effects.Contains), "checksums compared");
        Print("handled twice", all.Count(message => effects[message].Count() > 1), "killed between the end of the handler and the answer to the ack");
        Print("dead-lettered", dead.Count, deadLetters is [{ Error: { } error }] ? error : "");
        Print("lost", all.Count(message => !effects.Contains(message) && !dead.Contains(message)));
    }

    private static void Print(string what, int count, string remark = "") =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-14}{count,6}  {remark}").TrimEnd());
}
