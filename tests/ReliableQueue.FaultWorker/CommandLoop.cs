using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace ReliableQueue.FaultWorker;

/// <summary>Does what the test writes to standard input, a word a line. The end of the input is the end of the test, and of this process.</summary>
/// <remarks>On a thread of its own: reading the console cannot be cancelled, and must not take a thread from the pool that a test starves.</remarks>
internal sealed class CommandLoop(EffectLog effects, Permission permission, IQueueClient client, HealthCheckService health, ShiftedClock clock) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        new Thread(Run) { IsBackground = true, Name = "Commands" }.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Run()
    {
        using var input = new StreamReader(Console.OpenStandardInput());
        while (input.ReadLine() is { } command)
        {
            _ = ObeyAsync(command);
        }

        // A test that was killed leaves no process behind.
        Environment.Exit(4);
    }

    private async Task ObeyAsync(string command)
    {
        try
        {
            effects.Tell(await AnswerAsync(command));
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            effects.Tell($"failed {command}: {exception.Message}");
        }
    }

    private async Task<string> AnswerAsync(string command)
    {
        switch (command)
        {
            case Permission.Return or Permission.Throw or Permission.Reject:
                permission.Give(command);
                return $"told to {command}";
            case "enqueue":
                return $"enqueued {await client.EnqueueAsync(WorkOrder.Queue, new WorkOrder(WorkOrderAct.Return))}";
            case MemoryReading.Command:
                return MemoryReading.Take().ToString();
            case "health":
                var report = await health.CheckHealthAsync();
                return $"health {report.Status} {string.Join(' ', report.Entries.Values.Select(entry => entry.Description))}";
            case var set when set.StartsWith(ShiftedClock.Command, StringComparison.Ordinal):
                return clock.Obey(set);
            default:
                return $"unknown {command}";
        }
    }
}
