// Hangfire WORKERS MESSAGES: enqueues that many jobs that do nothing, by 32 threads, then drains them. Empties the Redis at PORT.

using System.Diagnostics;
using System.Globalization;
using Hangfire;
using Hangfire.Redis.StackExchange;
using StackExchange.Redis;

var (workers, messages) = (int.Parse(args[0], CultureInfo.InvariantCulture), int.Parse(args[1], CultureInfo.InvariantCulture));
var address = "127.0.0.1:" + Environment.GetEnvironmentVariable("PORT");
var redis = await ConnectionMultiplexer.ConnectAsync(address + ",allowAdmin=true");
await redis.GetServer(address).FlushAllDatabasesAsync();
var storage = new RedisStorage(redis, new RedisStorageOptions { Prefix = "{hangfire}:" });
JobStorage.Current = storage;
var client = new BackgroundJobClient(storage);
var payload = new string('x', 100);

var clock = Stopwatch.StartNew();
Parallel.For(0, messages, new ParallelOptions { MaxDegreeOfParallelism = 32 }, _ => client.Enqueue(() => Job.Run(payload)));
var enqueued = messages / clock.Elapsed.TotalSeconds;

clock.Restart();
using (new BackgroundJobServer(new BackgroundJobServerOptions { WorkerCount = workers }, storage))
{
    while (Job.Done < messages)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
    }

    var version = typeof(BackgroundJob).Assembly.GetName().Version?.ToString(3);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"version {version} enqueued {enqueued:F0} drained {messages / clock.Elapsed.TotalSeconds:F0}"));
}

/// <summary>The job; Hangfire calls it by its name, so it is public.</summary>
public static class Job
{
    private static int done;

    public static int Done => Volatile.Read(ref done);

    public static void Run(string payload)
    {
        ArgumentNullException.ThrowIfNull(payload);
        Interlocked.Increment(ref done);
    }
}
