using ReliableQueue.Broker;

namespace ReliableQueue.Sqlite;

/// <inheritdoc/>
internal sealed class WriteOperation<T>(long start, int weight, Func<WriteContext, T> step) : WriteOperation(start, weight)
    where T : notnull
{
    // The writer's thread must never run what awaits the answer.
    private readonly TaskCompletionSource<T> source = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? result;

    public Task<T> Answer => source.Task;

    public override void Run(WriteContext context) => result = step(context);

    public override void Complete()
    {
        if (result is not null)
        {
            source.TrySetResult(result);
        }
    }

    public override void Fail(BrokerException fault)
    {
        source.TrySetException(fault);

        // Seen: a caller who stopped waiting must not make it an unobserved exception.
        _ = source.Task.Exception;
    }
}
