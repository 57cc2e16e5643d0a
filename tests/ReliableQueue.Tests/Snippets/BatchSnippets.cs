namespace ReliableQueue.Tests.Snippets;

/// <summary>The code of docs/batches.md.</summary>
internal static class BatchSnippets
{
    public interface ISearchIndex
    {
        Task<IReadOnlyList<string>> WriteAsync(IEnumerable<Changed> changes, CancellationToken cancellationToken);
    }

    [MessageType("changed")]
    public sealed record Changed(string Document);

    #region BatchHandler
    public sealed class IndexHandler(ISearchIndex index) : IBatchHandler<Changed>
    {
        public async Task HandleAsync(IReadOnlyList<BatchItem<Changed>> batch, CancellationToken cancellationToken)
        {
            var unknown = await index.WriteAsync(batch.Select(item => item.Message), cancellationToken);
            foreach (var item in batch.Where(item => unknown.Contains(item.Message.Document)))
            {
                item.Reject("There is no such document.");
            }
        }
    }
    #endregion

    public static void Configure(ReliableQueueBuilder worker)
    {
        #region UseBatchHandler
        worker.AddBatchHandler<Changed, IndexHandler>("changes", queue =>
        {
            queue.Concurrency = 200;
            queue.Batch.Size = 100;
            queue.Batch.Linger = TimeSpan.FromMilliseconds(50);
        });
        #endregion
    }
}
