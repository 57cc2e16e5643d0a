using Microsoft.Extensions.Options;

namespace ReliableQueue.Working.Life;

/// <summary>What <see cref="ReliableWorkerOptions"/> must be beyond the ranges of numbers.</summary>
internal sealed class ReliableWorkerOptionsRelations : IValidateOptions<ReliableWorkerOptions>
{
    public ValidateOptionsResult Validate(string? name, ReliableWorkerOptions options) =>
        options.StateFile is { } path && (string.IsNullOrWhiteSpace(path) || path.Contains('\0', StringComparison.Ordinal))
            ? ValidateOptionsResult.Fail($"StateFile ('{path.Replace('\0', '?')}'){OptionsOwner.Of(typeof(ReliableWorkerOptions), name)} must be the path of a file, for example state/worker.db.")
            : ValidateOptionsResult.Success;
}
