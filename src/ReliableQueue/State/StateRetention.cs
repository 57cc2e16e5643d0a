namespace ReliableQueue.State;

/// <summary>How long a worker remembers. What the broker has not confirmed is not counted out, only aged out.</summary>
internal sealed record StateRetention(TimeSpan RejectionAge, int RejectionCount, TimeSpan CompletionAge, int CompletionCount)
{
    public static StateRetention Default { get; } = new(TimeSpan.FromDays(30), 50_000, TimeSpan.FromDays(7), 100_000);

    /// <summary>Sessions and unsent settlements: no lease lives longer than half a day, so after this nobody waits for them.</summary>
    public TimeSpan OtherAge => RejectionAge;

    public TimeSpan AgeOf(RecordKind kind) => kind == RecordKind.Completion ? CompletionAge : RejectionAge;
}
