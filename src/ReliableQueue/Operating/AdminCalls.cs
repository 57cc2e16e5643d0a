using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;
using ReliableQueue.Producing;

namespace ReliableQueue.Operating;

/// <summary>What an operator is doing and how far it has come, for the texts of its exceptions.</summary>
/// <param name="Queue">The queue; null for all of them.</param>
/// <param name="Name">The word for it: <c>redriving</c>.</param>
/// <param name="Done">How many messages it has changed so far.</param>
internal readonly record struct OperationProgress(QueueName? Queue, string Name, long Done = 0)
{
    public override string ToString() => (Queue is null ? "" : $"Queue '{Queue}': ") + Name + (Done == 0 ? "" : $" after {Done} messages");
}

/// <summary>
/// Makes a call of the broker's cold half, and makes it again while the broker does not answer, for as long as a producer would try. Every such call is safe to repeat: what
/// was redriven is no dead letter any more, what was deleted is not there.
/// </summary>
internal sealed class AdminCalls(TimeSpan timeout, Surroundings surroundings)
{
    public async Task<TReply> AskAsync<TReply>(OperationProgress operation, Func<Task<TReply>> call, CancellationToken cancellationToken)
    {
        var startedAt = surroundings.Time.GetTimestamp();
        var mayBeDone = false;
        try
        {
            for (var failures = 1; ; failures++)
            {
                var pause = RetryPause.After(failures, surroundings.Random);
                try
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    return await call().ConfigureAwait(false);
                }
                catch (BrokerException exception)
                {
                    mayBeDone |= exception.Fault == BrokerFault.Unknown;
                    if (exception.Fault == BrokerFault.Refused || surroundings.Time.GetElapsedTime(startedAt) + pause >= timeout)
                    {
                        throw Failed(operation, mayBeDone ? BrokerFault.Unknown : exception.Fault, exception);
                    }
                }

                await Task.Delay(pause, surroundings.Time, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException($"{operation} was cancelled; the call that was being made may be done all the same.", exception, cancellationToken);
        }
    }

    public Task AskAsync(OperationProgress operation, Func<Task> call, CancellationToken cancellationToken) => AskAsync(
        operation,
        async () =>
        {
            await call().ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    private QueueOperationException Failed(OperationProgress operation, BrokerFault fault, BrokerException exception)
    {
        var what = exception.Fault == BrokerFault.Refused ? "the broker refused." : $"the broker could not be reached for {timeout} (EnqueueTimeout).";
        var doubt = fault == BrokerFault.Unknown ? " The last call may be done all the same." : "";
        return new QueueOperationException(operation.Queue, fault, operation.Done, $"{operation} failed: {what}{doubt} {exception.Message}", exception);
    }
}
