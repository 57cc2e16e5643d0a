using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace ReliableQueue.FaultWorker;

/// <summary>
/// Enqueues one call after the other while the host lives, its stopping included, and writes down what it attempts and what the broker acknowledged: a line per message, handed
/// to the system before the call and after it. Option <c>Flood</c>: the file; without it there is no flood.
/// </summary>
public sealed class Flood(IQueueClient client, IConfiguration configuration) : IHostedService
{
    /// <summary>Begins the line that says which id the broker acknowledged for a number.</summary>
    public const string Acknowledged = "acknowledged";

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

    private static void Write(FileStream file, IEnumerable<string> lines) => file.Write(Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + ".\n"))));

    private async Task RunAsync(string path)
    {
        using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        while (!isStopping)
        {
            var first = Numbers.Next(Batch);
            Write(file, Enumerable.Range(0, Batch).Select(index => $"{Numbers.Attempted} {first + index}"));
            var ids = await client.EnqueueManyAsync(WorkOrder.Queue, Enumerable.Range(0, Batch).Select(index => new WorkOrder(WorkOrderAct.Return) { Number = first + index }));
            Write(file, ids.Select((id, index) => $"{Acknowledged} {first + index} {id}"));
        }
    }
}
