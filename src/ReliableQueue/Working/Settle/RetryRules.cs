using ReliableQueue.Working.Handle;

namespace ReliableQueue.Working.Settle;

/// <summary>The retry policy of a queue that has rules: the first that fits decides. Pure, as far as the conditions of the application are.</summary>
/// <param name="rules">In the order they are asked.</param>
/// <param name="otherwise">Decides where none fits.</param>
internal sealed class RetryRules(IReadOnlyList<RetryRule> rules, IRetryPolicy otherwise) : IRetryPolicy
{
    public RetryDecision Decide(RetryContext failure)
    {
        var sole = SoleException.Of(failure.Exception);
        foreach (var rule in rules)
        {
            if (rule.Fits(failure.Exception, failure) || (!ReferenceEquals(sole, failure.Exception) && rule.Fits(sole, failure)))
            {
                return rule.Backoff is { } backoff ? new RetryDecision.Retry(backoff.After(failure.DeliveryCount, failure.Chance)) : new RetryDecision.Reject();
            }
        }

        return otherwise.Decide(failure);
    }

    /// <summary>What is wrong with rules, for the check of options: whose fault it is, and the end of a sentence about it.</summary>
    public static IEnumerable<(string Rule, string Text)> FaultsOf(IReadOnlyList<RetryRule> rules)
    {
        for (var index = 0; index < rules.Count; index++)
        {
            var rule = rules[index];
            if (rule.Backoff?.Fault() is { } fault)
            {
                yield return (rule.ToString(), fault);
            }

            if (rule.Exception == typeof(RejectMessageException) || rule.Exception == typeof(RetryMessageException) || rule.Exception == typeof(DeferMessageException))
            {
                yield return (rule.ToString(), "never decides: this exception says itself what becomes of the message.");
            }

            if (rules.Take(index).FirstOrDefault(earlier => earlier.When is null && earlier.Exception.IsAssignableFrom(rule.Exception)) is { } before)
            {
                yield return (rule.ToString(), $"never decides: {before}, added before it, fits all that it fits.");
            }
        }
    }
}

/// <summary>One rule: which exceptions it fits, and what then becomes of the delivery.</summary>
/// <param name="Exception">The type of the exceptions it fits, and of those derived from it.</param>
/// <param name="Backoff">How long is waited; null: the message is rejected.</param>
/// <param name="When">A further condition; null: none.</param>
internal sealed record RetryRule(Type Exception, Backoff? Backoff, Func<Exception, RetryContext, bool>? When)
{
    public static RetryRule Of<TException>(Backoff? backoff, Func<TException, RetryContext, bool>? when)
        where TException : Exception =>
        new(typeof(TException), backoff, when is null ? null : (exception, failure) => when((TException)exception, failure));

    /// <summary>Whether it decides about a failure.</summary>
    /// <param name="exception">What is looked at: what the handler threw, or the one exception inside it.</param>
    /// <param name="failure">The failure.</param>
    public bool Fits(Exception exception, RetryContext failure) => Exception.IsInstanceOfType(exception) && (When is null || When(exception, failure));

    public override string ToString() => $"Retry.{(Backoff is null ? "Reject" : "On")}<{Exception.Name}>";
}
