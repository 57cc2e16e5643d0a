using System.Globalization;
using Microsoft.Extensions.DependencyInjection;

namespace ReliableQueue.FaultWorker;

/// <summary>A broker as one word, so that it can be given to a process: <c>redis:</c> and a configuration, and if it is wanted <c>;call=</c> and the seconds a call may take; or <c>sqlite:</c> and a path, and if it is wanted <c>;max=</c> and the most bytes.</summary>
public static class BrokerAddress
{
    /// <summary>How long one call to Redis may take in these tests.</summary>
    public static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(2);

    public static ReliableQueueBuilder Use(this ReliableQueueBuilder builder, string? address) => address?.Split(':', 2) switch
    {
        ["redis", var server] when server.Split(";call=") is [var configuration, var seconds] =>
            builder.UseRedis(configuration, redis => redis.CallTimeout = TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture))),
        ["redis", var configuration] => builder.UseRedis(configuration, redis => redis.CallTimeout = CallTimeout),
        ["sqlite", var file] when file.Split(";max=") is [var path, var most] => builder.UseSqlite(sqlite => (sqlite.Path, sqlite.MaxFileSize) = (path, long.Parse(most, null))),
        ["sqlite", var path] => builder.UseSqlite(path),
        _ => throw new ArgumentException($"Broker '{address}' is neither redis:configuration nor sqlite:path.", nameof(address)),
    };
}
