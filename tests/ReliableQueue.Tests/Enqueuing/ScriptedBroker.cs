using System.Threading.Channels;
using ReliableQueue.Broker;

namespace ReliableQueue.Tests.Enqueuing;

/// <summary>A broker whose every answer to an enqueue call is given by the test.</summary>
internal sealed class ScriptedBroker : IQueueBroker
{
    private readonly Channel<EnqueueAttempt> attempts = Channel.CreateUnbounded<EnqueueAttempt>();

    public string Identity => "scripted";

    public IDeadLetterStore DeadLetters => throw new NotSupportedException();

    /// <summary>What every attempt ends in that the test does not want to see; null: attempts wait for the test.</summary>
    public BrokerFault? Always { get; set; }

    /// <summary>The next attempt, awaited. A client that makes none fails the test by its timeout.</summary>
    public Task<EnqueueAttempt> NextAsync() => attempts.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(20));

    public bool HasAttempt => attempts.Reader.Count > 0;

    public Task<CallAnswer> EnqueueAsync(QueueName queue, EnqueueRequest request, CancellationToken cancellationToken)
    {
        var attempt = new EnqueueAttempt(queue, request);
        if (Always is { } fault)
        {
            attempt.Fail(fault);
        }
        else
        {
            attempts.Writer.TryWrite(attempt);
        }

        return attempt.Answer.WaitAsync(cancellationToken);
    }

    public Task<IReadOnlyList<BrokerFinding>> CheckAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<BrokerFinding>>([]);

    public Task<LeaseReply> LeaseAsync(QueueName queue, LeaseRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<SettleResult>> SettleAsync(QueueName queue, IReadOnlyList<SettleRequest> requests, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<ReturnReply> ReturnSessionAsync(QueueName queue, SessionId session, int maxDeliveries, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public IRenewalConnection OpenRenewalConnection() => throw new NotSupportedException();

    public Task<QueueStatistics> GetStatisticsAsync(QueueName queue, CancellationToken cancellationToken) => throw new NotSupportedException();

    public IDisposable Listen(QueueName queue, Action hint) => throw new NotSupportedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
