using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;

namespace ReliableQueue.Producing;

/// <summary>Looks at the answers of one queue for signs that the broker lost writes it had acknowledged, and tells.</summary>
internal sealed class EpochWatch(QueueName queue, EnqueueContext context)
{
    private readonly Lock gate = new();
    private long? epoch;

    public void See(CallAnswer answer)
    {
        if (SignIn(answer) is { } sign)
        {
            QueueLog.EnqueueStateRegressed(context.Logger, queue.Value, sign);
            context.Observer.Regressed(queue, sign);
        }
    }

    private string? SignIn(CallAnswer answer)
    {
        lock (gate)
        {
            var before = epoch;
            epoch = answer.Epoch;
            return answer.StateRegressed ? "a call it had answered is gone"
                : before is not null && before != answer.Epoch ? "the state of the queue was begun anew"
                : null;
        }
    }
}
