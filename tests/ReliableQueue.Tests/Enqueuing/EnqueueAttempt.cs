using ReliableQueue.Broker;

namespace ReliableQueue.Tests.Enqueuing;

/// <summary>One attempt the client made; it stays in flight until the test says what the broker does.</summary>
internal sealed class EnqueueAttempt(EnqueueRequest request)
{
    // Not asynchronous: the lane goes on inside the call that answers it, so a test needs no waiting.
    private readonly TaskCompletionSource<EnqueueReply> answer = new();

    public QueueName Queue => Request.Queue;

    public EnqueueRequest Request { get; } = request;

    public Task<EnqueueReply> Answer => answer.Task;

    public IReadOnlyList<MessageId> Ids => [.. Request.Messages.Select(message => message.Id)];

    public void Store(CallStanding standing = CallStanding.Applied, long epoch = 7, bool regressed = false, params IReadOnlyList<EnqueueResult> results) =>
        answer.SetResult(new EnqueueReply(new CallAnswer(standing, epoch, regressed), results));

    public void Fail(BrokerFault fault) => Throw(new BrokerException(fault, $"scripted {fault}"));

    public void Throw(Exception exception) => answer.SetException(exception);
}
