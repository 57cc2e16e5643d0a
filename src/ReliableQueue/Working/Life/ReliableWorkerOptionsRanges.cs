using Microsoft.Extensions.Options;

namespace ReliableQueue.Working.Life;

/// <summary>Checks every annotated member of <see cref="ReliableWorkerOptions"/>; written by the source generator, so that it can be trimmed.</summary>
[OptionsValidator]
internal sealed partial class ReliableWorkerOptionsRanges : IValidateOptions<ReliableWorkerOptions>;
