namespace ReliableQueue.Setup;

/// <summary>How options are named, and how a text says whose they are. Options of a queue: <c>queue</c>, in a named set <c>set:queue</c>; others: the name of the set.</summary>
internal static class OptionsOwner
{
    public static string NameOf(string set, string queue) => set.Length == 0 ? queue : $"{set}:{queue}";

    /// <summary>For example <c> for queue 'emails' of 'billing'</c>; empty for the options of the unnamed set.</summary>
    public static string Of(Type options, string? name)
    {
        if (string.IsNullOrEmpty(name))
        {
            return string.Empty;
        }

        if (options != typeof(QueueOptions) && options != typeof(RetryOptions) && options != typeof(BatchOptions))
        {
            return $" of '{name}'";
        }

        var colon = name.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? $" for queue '{name}'" : $" for queue '{name[(colon + 1)..]}' of '{name[..colon]}'";
    }
}
