using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using ReliableQueue.FaultWorker;

namespace ReliableQueue.Soak;

/// <summary>Does what the soak writes to standard input. The end of the input is the end of this process.</summary>
internal sealed class ProducerCommands(Producer producer, HealthCheckService health) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        new CommandReader(AnswerAsync, Console.WriteLine).Start();
        Console.WriteLine("ready");
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task<string> AnswerAsync(string command)
    {
        switch (command)
        {
            case MemoryReading.Command:
                return MemoryReading.Take().ToString();
            case "progress":
                return $"progress {producer.History.Progress}";
            case "burst":
                return $"burst {await producer.BurstAsync()}";
            case "end":
                await producer.EndAsync();
                return $"ended {producer.History.Progress}";
            case "health":
                return $"health {(await health.CheckHealthAsync()).Status}";
            default:
                return $"unknown {command}";
        }
    }
}
