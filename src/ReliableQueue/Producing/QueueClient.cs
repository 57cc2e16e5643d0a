using System.Collections.Concurrent;
using System.Diagnostics;
using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;

namespace ReliableQueue.Producing;

/// <summary>Checks and encodes what is enqueued, lines it up per queue, and tells each caller what became of it.</summary>
internal sealed class QueueClient(MessageEncoder encoder, EnqueueContext context, CancellationTokenSource closing) : IQueueClient, IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, EnqueueLine> lines = new(StringComparer.Ordinal);
    private int disposed;

    public async Task<MessageId> EnqueueAsync<TMessage>(string queue, TMessage message, EnqueueOptions? options, CancellationToken cancellationToken)
    {
        var line = LineOf(queue);
        cancellationToken.ThrowIfCancellationRequested();
        var id = MessageId.New(context.Time, context.Random);
        using var activity = QueueActivitySource.HasListeners ? QueueActivitySource.StartEnqueue(queue, id.ToString(), null) : null;
        var envelope = encoder.Encode(message, encoder.HeadersOf(options));
        var (group, position) = line.Add(new NewMessage(id, envelope) { Terms = MessageEncoder.TermsOf(options) });
        if (cancellationToken.CanBeCanceled && !group.Outcome.IsCompleted)
        {
            await WaitAsync(line, group, position, id, cancellationToken).ConfigureAwait(false);
        }

        var outcome = await group.Outcome.ConfigureAwait(false);
        context.Meter.CountEnqueued(queue, 1, EnqueueFailure.ErrorOf(outcome.Verdict));
        if (outcome.Verdict == EnqueueVerdict.Enqueued)
        {
            return outcome.IdOf(position, id);
        }

        var isUnknown = outcome.Verdict == EnqueueVerdict.Unknown;
        throw Failed(activity, outcome, EnqueueFailure.Of(line.Queue, context.Settings.Timeout, outcome, isUnknown ? [id] : [], isUnknown ? [] : [0]));
    }

    public async Task<IReadOnlyList<MessageId>> EnqueueManyAsync<TMessage>(
        string queue, IEnumerable<TMessage> messages, EnqueueOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var line = LineOf(queue);
        cancellationToken.ThrowIfCancellationRequested();
        var known = messages.TryGetNonEnumeratedCount(out var count) ? count : default(int?);
        using var activity = QueueActivitySource.StartEnqueue(queue, null, known);
        var many = new EnqueueMany(line, MessageEncoder.TermsOf(options), known, context);
        var headers = encoder.HeadersOf(options);
        foreach (var message in messages)
        {
            many.Add(encoder.Encode(message, headers));
        }

        var worst = await many.SendAsync(cancellationToken).ConfigureAwait(false);
        context.Meter.CountEnqueued(queue, many.Ids.Count, EnqueueFailure.ErrorOf(worst.Verdict));
        return worst.Verdict == EnqueueVerdict.Enqueued ? many.Ids : throw Failed(activity, worst, many.Failure(worst));
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 0)
        {
            await closing.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(lines.Values.Select(line => line.CloseAsync())).ConfigureAwait(false);
            closing.Dispose();
        }
    }

    private static Exception Failed(Activity? activity, EnqueueOutcome outcome, Exception exception)
    {
        QueueActivitySource.Fail(activity, EnqueueFailure.ErrorOf(outcome.Verdict) ?? TelemetryNames.Error.Other, exception.Message);
        return exception;
    }

    private static async Task WaitAsync(EnqueueLine line, EnqueueGroup group, int position, MessageId id, CancellationToken cancellationToken)
    {
        try
        {
            await group.Outcome.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!group.Outcome.IsCompleted)
        {
            throw new OperationCanceledException(
                line.Withdraw(group, position)
                    ? $"Queue '{line.Queue}': enqueuing was cancelled before message {id} was sent; it is not enqueued."
                    : $"Queue '{line.Queue}': waiting was cancelled after message {id} had been sent; it may be enqueued all the same.",
                exception,
                cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Answered in the same moment: the answer is worth more than the cancellation.
        }
    }

    private EnqueueLine LineOf(string queue)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref disposed) != 0, typeof(IQueueClient));
        if (queue is not null && lines.TryGetValue(queue, out var line))
        {
            return line;
        }

        return QueueName.FaultOf(queue) is null && queue is not null
            ? lines.GetOrAdd(queue, static (name, context) => new EnqueueLine(QueueName.Parse(name), context), context)
            : throw new ArgumentException(QueueName.FaultOf(queue), nameof(queue));
    }
}
