namespace ReliableQueue.FaultWorker;

/// <summary>Does what the messages of a batch say together, and leaves a line before and after for each.</summary>
internal sealed class WorkOrderBatchHandler(EffectLog effects) : IBatchHandler<WorkOrder>
{
    public async Task HandleAsync(IReadOnlyList<BatchItem<WorkOrder>> batch, CancellationToken cancellationToken)
    {
        Write(EffectKind.Start, batch);
        await Task.Delay(batch.Max(item => item.Message.Milliseconds), cancellationToken);
        Write(EffectKind.End, batch);
    }

    private void Write(EffectKind kind, IReadOnlyList<BatchItem<WorkOrder>> batch)
    {
        foreach (var item in batch)
        {
            effects.Write(kind, item.Context, item.Message.Number);
        }
    }
}
