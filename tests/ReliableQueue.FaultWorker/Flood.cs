using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace ReliableQueue.FaultWorker;

/// <summary>
/// Enqueues one call after the other while the host lives, its stopping included, and writes down what the broker acknowledged: a line per message, handed to the
/// system before the next call. Option <c>Flood</c>: the file; without it there is no flood.
/// </summary>
internal sealed class Flood(IQueueClient client, IConfiguration configuration) : IHostedService
{
    private const int Batch = 10;

    private volatile bool isStopping;
    private Task running = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        running = configuration["Flood"] is { Length: > 0 } path ? RunAsync(path) : Task.CompletedTask;
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        isStopping = true;
        await running;
    }

    private async Task RunAsync(string path)
    {
        using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        while (!isStopping)
        {
            var ids = await client.EnqueueManyAsync(WorkOrder.Queue, Enumerable.Repeat(new WorkOrder(WorkOrderAct.Return), Batch));
            file.Write(Encoding.UTF8.GetBytes(string.Concat(ids.Select(id => $"{id}.\n"))));
        }
    }
}
