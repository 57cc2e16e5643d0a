using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ReliableQueue.TestKit;

/// <summary>
/// A Redis for tests: the one that was named, a container, or a process, as <see cref="RedisWays"/> chooses. A test that names arguments, or kills and restarts, always gets
/// one of its own.
/// </summary>
public sealed class RedisServer : IAsyncDisposable
{
    private static readonly ConcurrentDictionary<int, bool> handedOut = new();

    private readonly IRedisHost? home;

    private RedisServer(string host, int port, IRedisHost? home) => (Host, Port, this.home) = (host, port, home);

    public string Host { get; }

    public int Port { get; }

    public string Configuration => $"{Host}:{Port}";

    /// <summary>Where it keeps its files.</summary>
    public string Folder => Own.Folder;

    /// <summary>The file that commands are appended to now (Redis 7 keeps it in a folder, next to a base).</summary>
    public string AppendOnlyFile => Directory.EnumerateFiles(Folder, "*.aof", SearchOption.AllDirectories)
        .Where(file => !file.EndsWith(".base.aof", StringComparison.Ordinal)).Max() ?? throw new InvalidOperationException($"No append-only file in {Folder}.");

    /// <summary>What <see cref="CommandAsync"/> signs in with, for a server that came to ask for a password.</summary>
    public string? Password { get; set; }

    /// <summary>Whom <see cref="Password"/> belongs to; null for the default user.</summary>
    public string? User { get; set; }

    private IRedisHost Own => home ?? throw new InvalidOperationException("Only a Redis of the test's own takes signals and shows its files; start it with StartAsync.");

    /// <summary>A server that other tests use too, and that no test harms.</summary>
    public static async Task<RedisServer> ShareAsync()
    {
        var ways = RedisWays.OfThisMachine;
        if (ways.ForSharing() != RedisWay.Address || ways.Address is not { } given)
        {
            return await StartAsync();
        }

        var colon = given.LastIndexOf(':');
        var server = colon < 0 ? new RedisServer(given, 6379, null) : new RedisServer(given[..colon], int.Parse(given.AsSpan(colon + 1), null), null);
        await server.WaitUntilReadyAsync();
        return server;
    }

    /// <summary>A server of its own, with any more arguments wanted, for example <c>--maxmemory</c>, <c>3mb</c>.</summary>
    public static Task<RedisServer> StartAsync(params string[] arguments)
    {
        var port = FreePort();
        string[] all = ["--port", port.ToString(null, null), "--bind", "127.0.0.1", "--save", "", .. arguments];
        var way = RedisWays.OfThisMachine.ForOneTest();
        var folder = Directory.CreateTempSubdirectory("rq-redis-").FullName;
        return StartAsync(port, way == RedisWay.Container ? new ContainerHost(folder, all) : new ProcessHost(folder, all));
    }

    /// <summary>A Sentinel that watches nothing yet. It is always a process of the program: it is told by a file that it writes to.</summary>
    public static async Task<RedisServer> StartSentinelAsync()
    {
        var folder = Directory.CreateTempSubdirectory("rq-sentinel-").FullName;
        var file = Path.Combine(folder, "sentinel.conf");
        await File.WriteAllTextAsync(file, "");
        var port = FreePort();
        return await StartAsync(port, new ProcessHost(folder, file, "--sentinel", "--port", port.ToString(null, null), "--bind", "127.0.0.1"));
    }

    /// <summary>Starts it again after <see cref="KillAsync"/> or <see cref="StopAsync"/>, on the same port with the same files, and waits until it answers.</summary>
    public async Task StartAgainAsync()
    {
        await Own.StartAsync();
        await WaitUntilReadyAsync();
    }

    /// <summary>kill -9.</summary>
    public Task KillAsync() => Own.SignalAsync("KILL");

    /// <summary>
    /// kill -9 that loses nothing it answered. One that syncs every second keeps a write to itself while its disk is busy with an earlier one, and a kill then loses it:
    /// documented, and not what such a test looks for. Without syncing it hands everything to the system before it answers, which survives its death.
    /// </summary>
    /// <param name="sync">Its <c>appendfsync</c>.</param>
    public async Task KillWithNothingHeldBackAsync(string sync)
    {
        if (sync == "everysec")
        {
            await CommandAsync("CONFIG", "SET", "appendfsync", "no");
        }

        await KillAsync();
    }

    /// <summary>A clean shutdown.</summary>
    public Task StopAsync() => Own.SignalAsync("TERM");

    /// <summary>Freezes it: connections stay open and nothing answers.</summary>
    public Task PauseAsync() => Own.SignalAsync("STOP");

    public Task ResumeAsync() => Own.SignalAsync("CONT");

    /// <summary>Sends one command over a connection of its own and returns the start of the raw answer.</summary>
    public async Task<string> CommandAsync(params string[] words)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(Host, Port);
        var stream = client.GetStream();
        if (Password is { } password)
        {
            await AskAsync(stream, User is { } user ? ["AUTH", user, password] : ["AUTH", password]);
        }

        return await AskAsync(stream, words);
    }

    /// <summary>Bytes it has allocated.</summary>
    public async Task<long> UsedMemoryAsync()
    {
        const string Name = "used_memory:";
        var line = (await CommandAsync("INFO", "memory")).Split("\r\n").First(line => line.StartsWith(Name, StringComparison.Ordinal));
        return long.Parse(line.AsSpan(Name.Length), null);
    }

    public ValueTask DisposeAsync() => home?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>
    /// A port nobody listens on now, nor on the one of its cluster bus, 10,000 above. Both are below those that systems hand out by themselves, so that no proxy is given
    /// the port of a server that is killed and comes back; and a process gets none twice.
    /// </summary>
    public static int FreePort()
    {
        while (true)
        {
            var port = Random.Shared.Next(10_000, 20_000);
            if (IsFree(port) && IsFree(port + 10_000) && handedOut.TryAdd(port, true))
            {
                return port;
            }
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static async Task<string> AskAsync(NetworkStream stream, params string[] words)
    {
        var request = new StringBuilder($"*{words.Length}\r\n");
        foreach (var word in words)
        {
            request.Append(null, $"${Encoding.UTF8.GetByteCount(word)}\r\n{word}\r\n");
        }

        await stream.WriteAsync(Encoding.UTF8.GetBytes(request.ToString()));
        var buffer = new byte[64 * 1024];
        var length = await stream.ReadAsync(buffer);
        return Encoding.UTF8.GetString(buffer, 0, length);
    }

    private Task WaitUntilReadyAsync() => Eventually.TrueAsync(
        async () =>
        {
            try
            {
                return home?.Fault is { } fault
                    ? throw new InvalidOperationException($"On port {Port}: {fault}.")
                    : await CommandAsync("PING") is var answer && (answer.StartsWith("+PONG", StringComparison.Ordinal) || answer.StartsWith("-NOAUTH", StringComparison.Ordinal));
            }
            catch (Exception silence) when (silence is SocketException or IOException)
            {
                return false;
            }
        },
        $"Redis at {Configuration} answers PING");

    private static async Task<RedisServer> StartAsync(int port, IRedisHost home)
    {
        var server = new RedisServer("127.0.0.1", port, home);
        try
        {
            await server.StartAgainAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }
}
