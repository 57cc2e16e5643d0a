using Microsoft.Extensions.DependencyInjection;
using ReliableQueue.Broker;

namespace ReliableQueue.Tests.Snippets;

/// <summary>The code of docs/operator.md. That it compiles is one half; the tests of <c>Operating</c> prove the other.</summary>
internal static class OperatorSnippets
{
    public static async Task LookAsync(IQueueOperator queues, CancellationToken cancellationToken)
    {
        #region LookAtQueues
        await foreach (var queue in queues.ListQueuesAsync(cancellationToken))
        {
            var counts = await queues.GetStatisticsAsync(queue, cancellationToken);
            Console.WriteLine($"{queue}: {counts.Ready} ready, {counts.DeadLettered} dead letters{(counts.IsPaused ? ", paused" : "")}");
        }

        await foreach (var dead in queues.BrowseAsync("emails", MessageState.DeadLettered, cancellationToken))
        {
            var what = dead.UnreadableBecause ?? (dead.TryReadBody<SendEmail>(out var email) ? $"to {email.To}" : dead.MessageType);
            Console.WriteLine($"{dead.Id} ({what}) since {dead.DeadLetteredAt}: {dead.Reason}, {dead.Error}");
        }
        #endregion
    }

    public static async Task RedriveAsync(IQueueOperator queues, CancellationToken cancellationToken)
    {
        #region RedriveByType
        var ids = await queues.BrowseAsync("emails", MessageState.DeadLettered, cancellationToken)
            .Where(dead => dead.MessageType == "send-email" && dead.Reason == DeadLetterReason.DeliveryLimit)
            .Select(dead => dead.Id)
            .ToListAsync(cancellationToken);

        var result = await queues.RedriveAsync("emails", ids, cancellationToken);
        Console.WriteLine($"{result.Done} redriven; {result.NotThere.Count} were no dead letters any more.");
        #endregion
    }

    public static async Task PauseAsync(IQueueOperator queues, CancellationToken cancellationToken)
    {
        #region PauseAndPurge
        await queues.PauseAsync("emails", TimeSpan.FromHours(1), cancellationToken);

        var progress = new Progress<long>(deleted => Console.WriteLine($"{deleted} deleted so far."));
        await queues.PurgeAsync("emails", MessageState.DeadLettered, progress, cancellationToken);

        await queues.ResumeAsync("emails", cancellationToken);
        #endregion
    }

    public static async Task WorkersAsync(IQueueOperator queues, CancellationToken cancellationToken)
    {
        #region WorkersAndWhatTheyHold
        var leased = await queues.BrowseAsync("emails", MessageState.Leased, cancellationToken).ToLookupAsync(message => message.Holder, cancellationToken: cancellationToken);
        foreach (var worker in await queues.ListWorkersAsync("emails", cancellationToken))
        {
            Console.WriteLine($"{worker.Name ?? worker.Session} holds {worker.Held}: {string.Join(", ", leased[worker.Session].Select(message => message.Id))}");
        }
        #endregion
    }

    public static async Task<string> HandleAsync(IQueueOperator queues, MessageId id, CancellationToken cancellationToken)
    {
        #region OperationThatFails
        try
        {
            await queues.RedriveAsync("emails", [id], cancellationToken);
            return "Done.";
        }
        catch (QueueOperationException failure) when (failure.Fault == BrokerFault.Refused)
        {
            return $"Waiting does not help: {failure.Message}";
        }
        catch (QueueOperationException failure)
        {
            return $"{failure.Done} are done. Try again later: {failure.Message}";
        }
        #endregion
    }

    public static IQueueOperator OfBilling(IServiceProvider services)
    {
        #region OperatorOfASet
        var billing = services.GetRequiredKeyedService<IQueueOperator>("billing");
        #endregion
        return billing;
    }

    [MessageType("send-email")]
    internal sealed record SendEmail(string To);
}
