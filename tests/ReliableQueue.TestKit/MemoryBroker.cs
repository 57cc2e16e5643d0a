using System.Buffers.Binary;
using ReliableQueue.Broker;

namespace ReliableQueue.TestKit;

/// <summary>
/// The port in memory, on a clock that is given: what the worker is tested against when no file and no server is wanted. Each call passes through
/// <see cref="Before"/> and <see cref="After"/>, where a test loses, delays or refuses it.
/// </summary>
public sealed class MemoryBroker(TimeProvider time) : IQueueBroker, IDeadLetterStore, IRenewalConnection
{
    private readonly Lock gate = new();
    private readonly Dictionary<QueueName, MemoryQueue> queues = [];
    private readonly Dictionary<QueueName, Action> hints = [];

    /// <summary>Runs before a call is done, with its name; throw to make it not done, await to hold it.</summary>
    public Func<string, Task> Before { get; set; } = _ => Task.CompletedTask;

    /// <summary>Runs after a call was done and before it is answered; throw to lose the answer.</summary>
    public Func<string, Task> After { get; set; } = _ => Task.CompletedTask;

    /// <summary>Runs before a renewal, which cannot be awaited; throw to make it fail.</summary>
    public Action BeforeRenewal { get; set; } = () => { };

    public IReadOnlyList<BrokerFinding> Findings { get; set; } = [];

    public string Identity => "memory";

    public IDeadLetterStore DeadLetters => this;

    /// <summary>How often leases were renewed.</summary>
    public int Renewals { get; private set; }

    public Task<IReadOnlyList<BrokerFinding>> CheckAsync(CancellationToken cancellationToken) => CallAsync("check", () => Findings);

    public async Task<CallAnswer> EnqueueAsync(QueueName queue, EnqueueRequest request, CancellationToken cancellationToken)
    {
        var answer = await CallAsync("enqueue", () => Of(queue).Enqueue(request));
        Hint(queue);
        return answer;
    }

    public Task<LeaseReply> LeaseAsync(QueueName queue, LeaseRequest request, CancellationToken cancellationToken) =>
        CallAsync("lease", () => Of(queue).Lease(request));

    public Task<IReadOnlyList<SettleResult>> SettleAsync(QueueName queue, IReadOnlyList<SettleRequest> requests, CancellationToken cancellationToken) =>
        CallAsync<IReadOnlyList<SettleResult>>("settle", () => [.. requests.Select(Of(queue).Settle)]);

    public Task<ReturnReply> ReturnSessionAsync(QueueName queue, SessionId session, int maxDeliveries, CancellationToken cancellationToken) =>
        CallAsync("return", () => Of(queue).Return(session, maxDeliveries));

    public Task<QueueStatistics> GetStatisticsAsync(QueueName queue, CancellationToken cancellationToken) => CallAsync("statistics", Of(queue).Count);

    public Task<IReadOnlyList<DeadLetter>> ReadAsync(QueueName queue, long skip, int take, CancellationToken cancellationToken) =>
        CallAsync<IReadOnlyList<DeadLetter>>("dead letters", () => [.. Of(queue).Dead.Skip((int)skip).Take(take)]);

    public IRenewalConnection OpenRenewalConnection() => this;

    public IReadOnlyList<RenewResult> Renew(QueueName queue, IReadOnlyList<HeldLease> leases, TimeSpan visibilityTimeout)
    {
        BeforeRenewal();
        lock (gate)
        {
            Renewals++;
            return [.. leases.Select(lease => Of(queue).Renew(lease, visibilityTimeout))];
        }
    }

    public IDisposable Listen(QueueName queue, Action hint)
    {
        lock (gate)
        {
            hints[queue] = hint;
        }

        return this;
    }

    /// <summary>Forgets everything, as FLUSHALL would.</summary>
    public void Flush()
    {
        lock (gate)
        {
            queues.Clear();
        }
    }

    public void Dispose()
    {
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<T> CallAsync<T>(string name, Func<T> call)
    {
        await Before(name);
        T answer;
        lock (gate)
        {
            answer = call();
        }

        await After(name);
        return answer;
    }

    private MemoryQueue Of(QueueName queue)
    {
        lock (gate)
        {
            if (!queues.TryGetValue(queue, out var found))
            {
                queues.Add(queue, found = new MemoryQueue(time, epoch: BinaryPrimitives.ReverseEndianness((long)queues.Count + time.GetTimestamp())));
            }

            return found;
        }
    }

    private void Hint(QueueName queue)
    {
        Action? hint;
        lock (gate)
        {
            hints.TryGetValue(queue, out hint);
        }

        hint?.Invoke();
    }
}
