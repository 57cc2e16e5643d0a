using System.Collections.Concurrent;
using System.Diagnostics;
using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;

namespace ReliableQueue.Producing;

/// <summary>Checks and encodes what is enqueued, sends it, and tells each caller what became of it.</summary>
internal sealed class QueueClient(
    MessageEncoder encoder, IQueueBroker broker, TimeSpan timeout, Surroundings surroundings, ProducerLosses losses, CancellationTokenSource closing)
    : IQueueClient, IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Sender> senders = new(StringComparer.Ordinal);
    private int disposed;

    public async Task<MessageId> EnqueueAsync<TMessage>(string queue, TMessage message, EnqueueOptions? options, CancellationToken cancellationToken)
    {
        var sender = SenderOf(queue);
        cancellationToken.ThrowIfCancellationRequested();
        var id = MessageId.New(surroundings.Time, surroundings.Random);
        using var activity = QueueActivitySource.HasListeners ? QueueActivitySource.StartEnqueue(queue, id.ToString(), null) : null;
        var envelope = encoder.Encode(message, encoder.HeadersOf<TMessage>(queue, options));
        var (group, position) = sender.Add(new NewMessage(id, envelope) { Terms = MessageEncoder.TermsOf(options) });
        if (cancellationToken.CanBeCanceled && !group.Outcome.IsCompleted)
        {
            await WaitAsync(sender, group, position, id, cancellationToken).ConfigureAwait(false);
        }

        var outcome = await group.Outcome.ConfigureAwait(false);
        sender.Signals.Enqueued(1, outcome.ErrorType);
        if (outcome.Verdict == EnqueueVerdict.Enqueued)
        {
            return outcome.IdOf(position, id);
        }

        var isUnknown = outcome.Verdict == EnqueueVerdict.Unknown;
        throw Failed(activity, outcome, outcome.ToException(sender.Queue, timeout, isUnknown ? [id] : [], isUnknown ? [] : [0]));
    }

    public async Task<IReadOnlyList<MessageId>> EnqueueManyAsync<TMessage>(
        string queue, IEnumerable<TMessage> messages, EnqueueOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var sender = SenderOf(queue);
        cancellationToken.ThrowIfCancellationRequested();
        var known = messages.TryGetNonEnumeratedCount(out var count) ? count : default(int?);
        using var activity = QueueActivitySource.StartEnqueue(queue, null, known);
        var many = new EnqueueMany(sender, MessageEncoder.TermsOf(options), known, surroundings);
        var headers = encoder.HeadersOf<TMessage>(queue, options);
        foreach (var message in messages)
        {
            many.Add(encoder.Encode(message, headers));
        }

        var worst = await many.SendAsync(cancellationToken).ConfigureAwait(false);
        sender.Signals.Enqueued(many.Ids.Count, worst.ErrorType);
        return worst.Verdict == EnqueueVerdict.Enqueued ? many.Ids : throw Failed(activity, worst, many.Failure(worst));
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 0)
        {
            await closing.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(senders.Values.Select(sender => sender.CloseAsync())).ConfigureAwait(false);
            closing.Dispose();
        }
    }

    private static Exception Failed(Activity? activity, EnqueueOutcome outcome, Exception exception)
    {
        QueueActivitySource.Fail(activity, outcome.ErrorType ?? TelemetryNames.Error.Other, exception.Message);
        return exception;
    }

    private static async Task WaitAsync(Sender sender, EnqueueGroup group, int position, MessageId id, CancellationToken cancellationToken)
    {
        try
        {
            await group.Outcome.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!group.Outcome.IsCompleted)
        {
            throw new OperationCanceledException(
                sender.Withdraw(group, position)
                    ? $"Queue '{sender.Queue}': enqueuing was cancelled before message {id} was sent; it is not enqueued."
                    : $"Queue '{sender.Queue}': waiting was cancelled after message {id} had been sent; it may be enqueued all the same.",
                exception,
                cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Answered in the same moment: the answer is worth more than the cancellation.
        }
    }

    private Sender SenderOf(string queue)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref disposed) != 0, typeof(IQueueClient));
        if (queue is not null && senders.TryGetValue(queue, out var sender))
        {
            return sender;
        }

        return QueueName.FaultOf(queue) is null && queue is not null
            ? senders.GetOrAdd(queue, name => new Sender(QueueName.Parse(name), broker, timeout, surroundings, losses, closing.Token))
            : throw new ArgumentException(QueueName.FaultOf(queue), nameof(queue));
    }
}
