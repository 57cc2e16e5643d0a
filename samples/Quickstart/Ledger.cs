namespace Quickstart;

/// <summary>Everything the workers signalled, by message.</summary>
internal sealed class Ledger
{
    private readonly Dictionary<string, int> entered = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> deliveries = new(StringComparer.Ordinal);

    public void Add(Signal signal)
    {
        if (signal.Word == SignalWord.Entered)
        {
            entered[signal.Message] = TimesEntered(signal.Message) + 1;
        }

        if (signal.Word == SignalWord.Leased)
        {
            deliveries[signal.Message] = (int)signal.Number;
        }
    }

    /// <summary>How often a handler was entered for it, over all workers.</summary>
    public int TimesEntered(string message) => entered.GetValueOrDefault(message);

    /// <summary>The delivery count the broker gave it last.</summary>
    public int Deliveries(string message) => deliveries.GetValueOrDefault(message);
}
