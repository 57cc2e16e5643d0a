using System.Threading.Channels;
using ReliableQueue.Broker;
using ReliableQueue.TestKit;

namespace ReliableQueue.Tests.Enqueuing;

/// <summary>A broker whose every answer to an enqueue call is given by the test.</summary>
internal sealed class ScriptedBroker() : DelegatingBroker(NoBroker.Instance)
{
    private readonly Channel<EnqueueAttempt> attempts = Channel.CreateUnbounded<EnqueueAttempt>();

    /// <summary>What every attempt ends in that the test does not want to see; null: attempts wait for the test.</summary>
    public BrokerFault? Always { get; set; }

    /// <summary>The next attempt, awaited. A client that makes none fails the test by its timeout.</summary>
    public Task<EnqueueAttempt> NextAsync() => attempts.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(20));

    public bool HasAttempt => attempts.Reader.Count > 0;

    public override Task<EnqueueReply> EnqueueAsync(EnqueueRequest request, CancellationToken cancellationToken)
    {
        var attempt = new EnqueueAttempt(request);
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
}
