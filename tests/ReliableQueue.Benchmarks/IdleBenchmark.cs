using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ReliableQueue.Benchmarks;

/// <summary>What workers cost that have nothing to do: processor time of the process and of Redis, as shares of one core.</summary>
internal static class IdleBenchmark
{
    private const string Table = "share of a core while nothing happens";

    // Sessions begin, checks run and subscriptions are confirmed within this time.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(15);

    /// <summary>Measures into a sheet.</summary>
    /// <param name="store">The Redis.</param>
    /// <param name="length">How long each measurement lasts.</param>
    /// <param name="sheet">Takes the figures.</param>
    public static async Task RunAsync(Store store, TimeSpan length, Sheet sheet)
    {
        foreach (var (workers, queues) in ((int, int)[])[(1, 400), (50, 20)])
        {
            store.Clear();
            var folder = Directory.CreateTempSubdirectory("rq-bench-");
            var hosts = Enumerable.Range(0, workers).Select(number => Build(store, Path.Combine(folder.FullName, $"worker-{number}.db"), queues)).ToList();
            await Task.WhenAll(hosts.Select(host => host.StartAsync()));
            await Task.Delay(Settling, TimeProvider.System);
            var (own, server) = (Environment.CpuUsage.TotalTime, store.ProcessorMicroseconds());
            await Task.Delay(length, TimeProvider.System);
            own = Environment.CpuUsage.TotalTime - own;
            server = store.ProcessorMicroseconds() - server;
            var row = string.Create(CultureInfo.InvariantCulture, $"{workers} {(workers == 1 ? "worker" : "workers")} of {queues} queues");
            sheet.Add(Table, row, "the processes, %", 100 * own.TotalMicroseconds / length.TotalMicroseconds, "N1");
            sheet.Add(Table, row, "Redis, %", 100 * server / length.TotalMicroseconds, "N1");
            await Task.WhenAll(hosts.Select(host => host.StopAsync()));
            hosts.ForEach(host => host.Dispose());
            folder.Delete(recursive: true);
        }

        sheet.Note("All workers of a row run in one process, each with a connection and a state file of its own.");
    }

    private static IHost Build(Store store, string stateFile, int queues)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.Error).AddConsole();
        builder.Services.AddSingleton<IArrivals>(new ArrivalTimes());
        builder.Services.AddReliableWorker(worker =>
        {
            worker.UseBroker(_ => store.Open()).StateFile(stateFile).AddJsonContext(NumberedContext.Default);
            for (var queue = 0; queue < queues; queue++)
            {
                worker.AddHandler<Numbered, NumberedHandler>(string.Create(CultureInfo.InvariantCulture, $"idle-{queue}"));
            }
        });
        return builder.Build();
    }
}
