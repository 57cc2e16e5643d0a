using ReliableQueue.Broker;

namespace ReliableQueue.TestKit;

/// <summary>The dead letters of a queue, for a test to look at.</summary>
public static class DeadLetterReading
{
    /// <summary>All of them, oldest first, page by page.</summary>
    public static async Task<IReadOnlyList<StoredMessage>> DeadLettersAsync(this IQueueBroker broker, QueueName queue, CancellationToken cancellationToken = default)
    {
        var (all, cursor) = (new List<StoredMessage>(), default(string));
        do
        {
            var page = await broker.Admin.BrowseAsync(new BrowseRequest(queue, MessageState.DeadLettered, cursor, BrokerLimits.BatchSize), cancellationToken);
            all.AddRange(page.Messages);
            cursor = page.NextCursor;
        }
        while (cursor is not null);
        return all;
    }
}
