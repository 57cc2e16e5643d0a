namespace ReliableQueue;

/// <summary>
/// How long is waited before a failed delivery is tried again: a pure function of how often it was delivered, and of chance. For the rules of
/// <see cref="RetryOptions.On{TException}"/>, which are checked at start.
/// </summary>
public sealed class Backoff
{
    private const int MostDelays = 1_000;

    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestFirst = TimeSpan.FromDays(1);
    private static readonly TimeSpan LongestBound = TimeSpan.FromDays(7);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromDays(365);

    private readonly TimeSpan[] delays;
    private readonly bool isExponential;

    private Backoff(bool isExponential, TimeSpan[] delays) => (this.isExponential, this.delays) = (isExponential, delays);

    /// <summary>
    /// A bound that doubles with every delivery; the delay is drawn evenly from half of the bound to the whole, as <see cref="RetryOptions.Delay"/> and
    /// <see cref="RetryOptions.MaxDelay"/> do.
    /// </summary>
    /// <param name="first">The bound after the first delivery: 1 ms to 1 day.</param>
    /// <param name="longest">The most the bound grows to: <paramref name="first"/> to 7 days.</param>
    public static Backoff Exponential(TimeSpan first, TimeSpan longest) => new(isExponential: true, [first, longest]);

    /// <summary>The first delay after the first delivery, the second after the second; after the last of them that one again, each exactly as it is written.</summary>
    /// <param name="delays">1 to 1,000 delays, each zero to 365 days.</param>
    public static Backoff Fixed(params TimeSpan[] delays)
    {
        ArgumentNullException.ThrowIfNull(delays);
        return new Backoff(isExponential: false, [.. delays]);
    }

    /// <summary>How long is waited.</summary>
    /// <param name="deliveryCount">Deliveries so far: 1 or more.</param>
    /// <param name="chance">In [0, 1).</param>
    internal TimeSpan After(int deliveryCount, double chance)
    {
        if (!isExponential)
        {
            return delays[Math.Min(deliveryCount, delays.Length) - 1];
        }

        var bound = delays[0].Ticks * Math.Pow(2, deliveryCount - 1);
        return TimeSpan.FromTicks((long)((0.5 + (chance / 2)) * Math.Min(bound, delays[1].Ticks)));
    }

    /// <summary>What is wrong with it, as the end of a sentence about the rule; null: nothing.</summary>
    internal string? Fault()
    {
        if (!isExponential)
        {
            return delays.Length is 0 or > MostDelays
                ? $"has {delays.Length} fixed delays: there must be between 1 and {MostDelays}."
                : delays.Any(delay => delay < TimeSpan.Zero || delay > LongestDelay)
                    ? $"has a delay ({delays.First(delay => delay < TimeSpan.Zero || delay > LongestDelay)}) that must be between {TimeSpan.Zero} and {LongestDelay}."
                    : null;
        }

        var (first, longest) = (delays[0], delays[1]);
        return first < Shortest || first > LongestFirst ? $"has a first bound ({first}) that must be between {Shortest} and {LongestFirst}."
            : longest > LongestBound ? $"has a longest bound ({longest}) that must be between {Shortest} and {LongestBound}."
            : longest < first ? $"has a longest bound ({longest}) that must be at least its first ({first})."
            : null;
    }
}
