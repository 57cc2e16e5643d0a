using Microsoft.Extensions.DependencyInjection;
using ReliableQueue.Diagnostics;
using ReliableQueue.Messages;
using ReliableQueue.Working.Lease;

namespace ReliableQueue.Working.Handle;

/// <summary>How large a batch grows, and how long it waits for that.</summary>
internal readonly record struct BatchSettings(int Size, TimeSpan Linger);

/// <summary>How messages of one wire name are gathered and handled together on one queue. Each keeps its lease, slot and settlement.</summary>
internal abstract class BatchRegistration(string messageType) : HandlerRegistration(messageType)
{
    /// <summary>Reads the body, waits for the batch and says what came of this delivery in it. A body that is not such a message does not wait.</summary>
    public abstract Task<HandlerOutcome> JoinAsync(Delivery delivery, Surroundings surroundings);
}

/// <summary>The typed form: the body is read by <paramref name="read"/>, the handler called by <paramref name="handle"/>.</summary>
internal sealed class BatchRegistration<TMessage>(
    string messageType,
    BatchSettings settings,
    Func<ReadOnlyMemory<byte>, TMessage> read,
    Func<IServiceProvider, IReadOnlyList<BatchItem<TMessage>>, CancellationToken, Task> handle) : BatchRegistration(messageType)
{
    private readonly Lock gate = new();
    private Batch? open;

    public override async Task<HandlerOutcome> JoinAsync(Delivery delivery, Surroundings surroundings)
    {
        TMessage message;
        try
        {
            message = read(delivery.Body);
        }
        catch (MessageUnreadableException exception)
        {
            return HandlerOutcome.Of(exception, delivery);
        }

        var member = new BatchDelivery(delivery, new BatchItem<TMessage>(message, delivery.Context));
        if (delivery.Context.DeliveryCount > 1)
        {
            // Alone: it may be what made its batch fail, and would do so again.
            await RunAsync([member], surroundings);
        }
        else if (Enter(member, surroundings.Time) is { } own)
        {
            // Whoever opens a batch waits for the others and runs it.
            await surroundings.Time.WaitAsync(own.Full, () => own.IsFull, settings.Linger);
            Close(own);
            await RunAsync(own.Members, surroundings);
        }

        return await member.Outcome.Task;
    }

    /// <summary>Adds a member to the open batch; returns the batch when this member opened it.</summary>
    private Batch? Enter(BatchDelivery member, TimeProvider time)
    {
        lock (gate)
        {
            var opened = open is null ? open = new Batch(time) : null;
            var batch = open;
            batch.Members.Add(member);
            if (batch.Members.Count >= settings.Size)
            {
                batch.IsFull = true;
                open = null;
                batch.Full.Set();
            }

            return opened;
        }
    }

    private void Close(Batch batch)
    {
        lock (gate)
        {
            open = open == batch ? null : open;
        }
    }

    private async Task RunAsync(IReadOnlyList<BatchDelivery> members, Surroundings surroundings)
    {
        var called = members.Where(member => member.MayStart).ToList();
        Exception? thrown = null;
        try
        {
            if (called.Count > 0)
            {
                await CallAsync(called, surroundings);
            }
        }
        catch (Exception exception)
        {
            // An outcome of the messages, as it is for one alone.
            thrown = exception;
        }

        foreach (var member in called)
        {
            member.End(thrown);
        }

        foreach (var member in members.Except(called))
        {
            member.Outcome.SetResult(HandlerOutcome.Interrupted.Instance);
        }
    }

    private async Task CallAsync(List<BatchDelivery> members, Surroundings surroundings)
    {
        // Never disposed, as the token of one delivery is not: it has no timer, and a handler may keep its token.
        var pointless = new CancellationTokenSource();
        var left = members.Count;
        var registrations = members.ConvertAll(member => member.Delivery.Hold.Token.UnsafeRegister(
            _ =>
            {
                if (Interlocked.Decrement(ref left) == 0)
                {
                    pointless.Cancel();
                }
            },
            null));
        try
        {
            members.ForEach(member => member.Delivery.Hold.HandlerStarted());
            await using var scope = surroundings.Scopes.CreateAsyncScope();
            await Given(handle(scope.ServiceProvider, members.ConvertAll(member => member.Item), pointless.Token));
        }
        finally
        {
            registrations.ForEach(registration => registration.Unregister());
        }
    }

    /// <summary>Deliveries that are gathered.</summary>
    private sealed class Batch(TimeProvider time)
    {
        public List<BatchDelivery> Members { get; } = [];

        public Signal Full { get; } = new(time);

        public bool IsFull { get; set; }
    }

    /// <summary>One delivery of a batch.</summary>
    private sealed record BatchDelivery(Delivery Delivery, BatchItem<TMessage> Item)
    {
        public TaskCompletionSource<HandlerOutcome> Outcome { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Its lease may have been lost, or the host begun to stop, while it waited for the others.</summary>
        public bool MayStart => Delivery.IsLeaseValid && Delivery.CancellationReason == CancellationReason.None;

        public void End(Exception? thrown)
        {
            Item.Close();
            Outcome.SetResult((Item.Error ?? thrown) is { } error ? HandlerOutcome.Of(error, Delivery) : HandlerOutcome.Succeeded.Instance);
        }
    }
}
