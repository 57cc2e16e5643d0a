using ReliableQueue.Broker;
using ReliableQueue.Working.Lease;
using ReliableQueue.Simulation.Checking;
using ReliableQueue.Simulation.World;

namespace ReliableQueue.Simulation.Workers;

/// <summary>The handler of one run of a worker. Each time it gets a turn it looks whether it may believe in its lease, and says so.</summary>
internal sealed class Handlers(Process process, Chance chance, History history, int run, IReadOnlyList<MessagePlan> plans, PlantedBug bug, SimulationOptions options)
{
    public async Task HandleAsync(int number, MessageContext context, CancellationToken cancellationToken)
    {
        var plan = plans[number];
        var delivery = DeliveryOf(context);
        if (bug == PlantedBug.DeadlineCountedFromTheReply)
        {
            delivery.Hold.Extend(process.Clock.GetTimestamp() + (options.VisibilityTimeout * 0.9).Ticks);
        }

        var lease = delivery.Lease.Token;
        history.Add(What.HandlerStarted, run, context.Id, lease, number: delivery.IsSuspect ? 2 : 0);
        try
        {
            await RunAsync(plan, context, lease, cancellationToken);
            history.Add(What.HandlerEnded, run, context.Id, lease, detail: "succeeded");
        }
        catch (RejectMessageException)
        {
            history.Add(What.HandlerEnded, run, context.Id, lease, detail: "rejected");
            throw;
        }
        catch (OperationCanceledException)
        {
            history.Add(What.HandlerEnded, run, context.Id, lease, detail: context.CancellationReason);
            throw;
        }
        catch (InvalidOperationException)
        {
            history.Add(What.HandlerEnded, run, context.Id, lease, detail: "failed");
            throw;
        }
    }

    private static Delivery DeliveryOf(MessageContext context) =>
        context.Lease as Delivery ?? throw new InvalidOperationException("A context that no worker made.");

    private async Task RunAsync(MessagePlan plan, MessageContext context, LeaseToken lease, CancellationToken cancellationToken)
    {
        var hangs = plan.Behaviour == Behaviour.HangTillToken && context.DeliveryCount == 1;
        var listens = plan.Behaviour != Behaviour.IgnoreToken;
        var end = process.Clock.GetTimestamp() + plan.Duration.Ticks;
        while (Look(context, lease) < end || hangs)
        {
            var left = TimeSpan.FromTicks(end - process.Clock.GetTimestamp());
            var step = chance.Milliseconds(50, 1500);
            await process.Clock.PauseAsync(hangs || step < left ? step : left, listens ? cancellationToken : CancellationToken.None);
            if (listens && cancellationToken.IsCancellationRequested)
            {
                Look(context, lease);
                cancellationToken.ThrowIfCancellationRequested();
            }
        }

        switch (plan.Behaviour)
        {
            case Behaviour.Fail:
            case Behaviour.FailAtFirst when context.DeliveryCount < 3:
                throw new InvalidOperationException("failed, as planned");
            case Behaviour.Reject:
                throw new RejectMessageException("rejected, as planned");
            case Behaviour.KillItsWorker:
                process.Kill();
                await new TaskCompletionSource().Task;
                break;
        }
    }

    private long Look(MessageContext context, LeaseToken lease)
    {
        if (context.IsLeaseValid)
        {
            history.Add(What.LeaseSeenValid, run, context.Id, lease);
        }

        return process.Clock.GetTimestamp();
    }
}
