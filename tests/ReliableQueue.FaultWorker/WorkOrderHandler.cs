using System.Diagnostics;

namespace ReliableQueue.FaultWorker;

/// <summary>Does what the message says, and leaves a line before and after.</summary>
internal sealed class WorkOrderHandler(EffectLog effects, Permission permission, Mortality mortality, Steps steps, Stores stores) : IMessageHandler<WorkOrder>
{
    private const int PoolThreads = 8;

    public async Task HandleAsync(WorkOrder message, MessageContext context, CancellationToken cancellationToken)
    {
        effects.Write(EffectKind.Start, context, message.Number);
        try
        {
            await DoAsync(message, context, cancellationToken);
            Finish(EffectKind.End, message, context);
        }
        catch (Exception exception) when (exception is RejectMessageException or InvalidOperationException)
        {
            Finish(EffectKind.Fail, message, context);
            throw;
        }
        catch (OperationCanceledException)
        {
            effects.Write(EffectKind.Cancel, context, message.Number);
            throw;
        }
    }

    private void Finish(EffectKind kind, WorkOrder message, MessageContext context)
    {
        steps.Take(Killed.BeforeTheEffect, context.Id);
        effects.Write(kind, context, message.Number);
        steps.Take(Killed.AfterTheEffect, context.Id);
    }

    private async Task DoAsync(WorkOrder message, MessageContext context, CancellationToken cancellationToken)
    {
        switch (message.Act)
        {
            case WorkOrderAct.IgnoreToken:
                await Task.Delay(message.Milliseconds, CancellationToken.None);
                return;
            case WorkOrderAct.WhenTold:
                Obey(await permission.Given);
                return;
            case WorkOrderAct.ThrowOnce:
                await FailAsync(message, context.DeliveryCount <= 1);
                return;
            case WorkOrderAct.ThrowTwice:
                await FailAsync(message, context.DeliveryCount <= 2);
                return;
            case WorkOrderAct.Throw:
                await FailAsync(message, true);
                return;
            case WorkOrderAct.Reject:
                await Task.Delay(message.Milliseconds, CancellationToken.None);
                Obey(Permission.Reject);
                return;
            case WorkOrderAct.FailFast or WorkOrderAct.Exit or WorkOrderAct.Kill when !mortality.IsMortal:
                Obey(Permission.Throw);
                return;
            case WorkOrderAct.Store:
                await Task.Delay(message.Milliseconds, CancellationToken.None);
                stores.Write(context.Id, context.FencingToken);
                return;
            case WorkOrderAct.OverflowTheStack or WorkOrderAct.ExhaustTheMemory or WorkOrderAct.ThrowAsyncVoid or WorkOrderAct.HogTheHeap or WorkOrderAct.HogTheCores:
                await Harm.DoAsync(message);
                return;
            case WorkOrderAct.FailFast:
                Environment.FailFast("The handler was told to end the process.");
                return;
            case WorkOrderAct.Exit:
                Environment.Exit(3);
                return;
            case WorkOrderAct.Kill:
                Process.GetCurrentProcess().Kill();
                return;
            case WorkOrderAct.BlockThePool:
                BlockThePool(message.Milliseconds);
                return;
            default:
                await Task.Delay(message.Milliseconds, cancellationToken);
                return;
        }
    }

    private static async Task FailAsync(WorkOrder message, bool isFailing)
    {
        await Task.Delay(message.Milliseconds, CancellationToken.None);
        if (isFailing)
        {
            Obey(Permission.Throw);
        }
    }

    private static void Obey(string word)
    {
        if (word == Permission.Reject)
        {
            throw new RejectMessageException("The handler was told to reject.");
        }

        if (word == Permission.Throw)
        {
            throw new InvalidOperationException("The handler was told to throw.");
        }
    }

    /// <summary>More blocking items than the pool has threads, so that it never catches up while the handler runs.</summary>
    private static void BlockThePool(int milliseconds)
    {
        ThreadPool.SetMinThreads(PoolThreads, PoolThreads);
        ThreadPool.SetMaxThreads(PoolThreads, PoolThreads);
        for (var item = 0; item < 8 * PoolThreads; item++)
        {
            ThreadPool.QueueUserWorkItem(_ => Thread.Sleep(milliseconds / 8));
        }

        Thread.Sleep(milliseconds);
    }
}
