using Microsoft.Extensions.Options;

namespace ReliableQueue.Working.Life;

/// <summary>What members of <see cref="QueueOptions"/> must be to each other.</summary>
internal sealed class QueueOptionsRelations : IValidateOptions<QueueOptions>
{
    public ValidateOptionsResult Validate(string? name, QueueOptions options) => options.MaxRetryDelay < options.RetryDelay
        ? ValidateOptionsResult.Fail($"MaxRetryDelay ({options.MaxRetryDelay}){OptionsOwner.Of(typeof(QueueOptions), name)} must be at least RetryDelay ({options.RetryDelay}).")
        : ValidateOptionsResult.Success;
}
