using ReliableQueue.Soak;

namespace ReliableQueue.FaultTests;

/// <summary>A producer that gives every work order a number and notes what it was told of it. What goes to other queues it passes on.</summary>
internal sealed class ToldClient(IQueueClient inner, Ledger ledger) : IQueueClient
{
    public async Task<MessageId> EnqueueAsync<TMessage>(string queue, TMessage message, EnqueueOptions? options = null, CancellationToken cancellationToken = default) =>
        queue == WorkOrder.Queue
            ? (await EnqueueManyAsync(queue, [message], options, cancellationToken))[0]
            : await inner.EnqueueAsync(queue, message, options, cancellationToken);

    public async Task<IReadOnlyList<MessageId>> EnqueueManyAsync<TMessage>(
        string queue, IEnumerable<TMessage> messages, EnqueueOptions? options = null, CancellationToken cancellationToken = default)
    {
        if (queue != WorkOrder.Queue)
        {
            return await inner.EnqueueManyAsync(queue, messages, options, cancellationToken);
        }

        var orders = messages.Select(message => Numbered(message)).ToList();
        try
        {
            var ids = orders is [var one]
                ? [await inner.EnqueueAsync(queue, one.Message, options, cancellationToken)]
                : await inner.EnqueueManyAsync(queue, orders.Select(order => order.Message), options, cancellationToken);
            for (var index = 0; index < orders.Count; index++)
            {
                ledger.Tell(orders[index].Number, HistoryWord.Enqueued, ids[index]);
            }

            return ids;
        }
        catch (EnqueueOutcomeUnknownException exception)
        {
            Tell(orders, exception.NotEnqueued, HistoryWord.Unknown);
            throw;
        }
        catch (QueueFullException exception)
        {
            Tell(orders, exception.NotEnqueued, HistoryWord.Enqueued);
            throw;
        }
        catch (BrokerUnavailableException exception)
        {
            Tell(orders, exception.NotEnqueued, HistoryWord.Enqueued);
            throw;
        }
    }

    private (TMessage Message, long Number) Numbered<TMessage>(TMessage message)
    {
        var number = ledger.Attempt(message is WorkOrder { Act: var act } ? act : WorkOrderAct.Return);
        object numbered = message switch
        {
            WorkOrder order => order with { Number = number },
            NextOrder next => next with { Number = number },
            _ => throw new ArgumentException($"{typeof(TMessage).Name} has no number."),
        };
        return ((TMessage)numbered, number);
    }

    /// <summary>Of a call that failed: those it names were certainly not enqueued, and of the others it says the same of all.</summary>
    private void Tell<TMessage>(List<(TMessage Message, long Number)> orders, IReadOnlyList<int> refused, HistoryWord others)
    {
        for (var index = 0; index < orders.Count; index++)
        {
            ledger.Tell(orders[index].Number, refused.Contains(index) ? HistoryWord.Refused : others);
        }
    }
}
