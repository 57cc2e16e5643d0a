using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace ReliableQueue.FaultWorker;

/// <summary>Does what the test writes to standard input, a word a line. The end of the input is the end of the test, and of this process.</summary>
internal sealed class CommandLoop(EffectLog effects, Permission permission, IQueueClient client, HealthCheckService health, ShiftedClock clock) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        new CommandReader(AnswerAsync, effects.Tell).Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task<string> AnswerAsync(string command)
    {
        switch (command)
        {
            case Permission.Return or Permission.Throw or Permission.Reject:
                permission.Give(command);
                return $"told to {command}";
            case "enqueue":
                var number = Numbers.Next(1);
                effects.Tell($"{Numbers.Attempted} {number}");
                return $"enqueued {await client.EnqueueAsync(WorkOrder.Queue, new WorkOrder(WorkOrderAct.Return) { Number = number })} {number}";
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
