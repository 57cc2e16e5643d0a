using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ReliableQueue.TestKit;

/// <summary>
/// A Redis for tests: the one RELIABLEQUEUE_TEST_REDIS names (host:port), else a <c>redis-server</c> process of its own on a free port, else a container. A test
/// that names arguments, or kills and restarts, always gets one of its own.
/// </summary>
public sealed class RedisServer : IAsyncDisposable
{
    private static readonly ConcurrentDictionary<int, bool> handedOut = new();

    private readonly string[] arguments;
    private string? folder;
    private Process? process;
    private string? container;

    private RedisServer(string host, int port, string[] arguments)
    {
        Host = host;
        Port = port;
        this.arguments = ["--port", port.ToString(null, null), "--bind", "127.0.0.1", "--save", "", .. arguments];
    }

    private RedisServer(string host, int port, string sentinelFile)
        : this(host, port, []) => arguments = [sentinelFile, "--sentinel", "--port", port.ToString(null, null), "--bind", "127.0.0.1"];

    public string Host { get; }

    public int Port { get; }

    public string Configuration => $"{Host}:{Port}";

    /// <summary>Where it keeps its files.</summary>
    public string Folder => folder ?? throw new InvalidOperationException("Only a redis-server process of our own keeps its files where a test reaches them.");

    /// <summary>The file that commands are appended to now (Redis 7 keeps it in a folder, beside a base).</summary>
    public string AppendOnlyFile => Directory.EnumerateFiles(Folder, "*.aof", SearchOption.AllDirectories)
        .Where(file => !file.EndsWith(".base.aof", StringComparison.Ordinal)).Max() ?? throw new InvalidOperationException($"No append-only file in {Folder}.");

    /// <summary>What <see cref="CommandAsync"/> signs in with, for a server that came to ask for a password.</summary>
    public string? Password { get; set; }

    /// <summary>Whom <see cref="Password"/> belongs to; null for the default user.</summary>
    public string? User { get; set; }

    /// <summary>A server that other tests use too, and that no test harms.</summary>
    public static async Task<RedisServer> ShareAsync()
    {
        if (Environment.GetEnvironmentVariable("RELIABLEQUEUE_TEST_REDIS") is not { Length: > 0 } given)
        {
            return await StartAsync();
        }

        var colon = given.LastIndexOf(':');
        var server = colon < 0 ? new RedisServer(given, 6379, []) : new RedisServer(given[..colon], int.Parse(given.AsSpan(colon + 1), null), []);
        await server.WaitUntilReadyAsync();
        return server;
    }

    /// <summary>A server of its own, with any more arguments wanted, for example <c>--maxmemory</c>, <c>3mb</c>.</summary>
    public static async Task<RedisServer> StartAsync(params string[] arguments)
    {
        var server = new RedisServer("127.0.0.1", FreePort(), arguments);
        if (HasProgram("redis-server"))
        {
            server.folder = Directory.CreateTempSubdirectory("rq-redis-").FullName;
        }
        else if (HasProgram("docker") && await RunAsync("docker", "version") is { Code: 0 })
        {
            var (code, text) = await RunAsync("docker", ["create", "--network", "host", "redis:7", "redis-server", .. server.arguments]);
            server.container = code == 0 ? text.Trim() : throw new InvalidOperationException($"docker create redis:7 failed: {text}");
        }
        else
        {
            throw new InvalidOperationException(
                "These tests need a Redis. Set RELIABLEQUEUE_TEST_REDIS to host:port of one that may be written to, or install redis-server, or start a Docker "
                + "engine. Tests that restart Redis need one of the last two.");
        }

        await server.StartAgainAsync();
        return server;
    }

    /// <summary>A Sentinel that watches nothing yet. It keeps what it is told in a file, so it is a process of its own and never a container.</summary>
    public static async Task<RedisServer> StartSentinelAsync()
    {
        if (!HasProgram("redis-server"))
        {
            throw new InvalidOperationException("A Sentinel is a process of the redis-server program; install redis-server.");
        }

        var folder = Directory.CreateTempSubdirectory("rq-sentinel-").FullName;
        var file = Path.Combine(folder, "sentinel.conf");
        await File.WriteAllTextAsync(file, "");
        var server = new RedisServer("127.0.0.1", FreePort(), file) { folder = folder };
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>Starts it again after <see cref="KillAsync"/> or <see cref="StopAsync"/>, on the same port with the same files, and waits until it answers.</summary>
    public async Task StartAgainAsync()
    {
        if (container is not null)
        {
            await RunAsync("docker", "start", container);
        }
        else
        {
            var start = new ProcessStartInfo("redis-server") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
            foreach (var argument in arguments)
            {
                start.ArgumentList.Add(argument);
            }

            process?.Dispose();
            process = Process.Start(start) ?? throw new InvalidOperationException("redis-server did not start.");
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
        }

        await WaitUntilReadyAsync();
    }

    /// <summary>kill -9.</summary>
    public Task KillAsync() => SignalAsync("KILL", "kill");

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
    public Task StopAsync() => SignalAsync("TERM", "stop");

    /// <summary>Freezes it: connections stay open and nothing answers.</summary>
    public Task PauseAsync() => SignalAsync("STOP", "pause");

    public Task ResumeAsync() => SignalAsync("CONT", "unpause");

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

    public async ValueTask DisposeAsync()
    {
        if (container is not null)
        {
            await RunAsync("docker", "rm", "--force", container);
        }

        if (process is { HasExited: false })
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        process?.Dispose();
        if (folder is not null)
        {
            Directory.Delete(folder, recursive: true);
        }
    }

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
                return process is { HasExited: true }
                    ? throw new InvalidOperationException($"redis-server on port {Port} ended with code {process.ExitCode}.")
                    : await CommandAsync("PING") is var answer && (answer.StartsWith("+PONG", StringComparison.Ordinal) || answer.StartsWith("-NOAUTH", StringComparison.Ordinal));
            }
            catch (Exception fault) when (fault is SocketException or IOException)
            {
                return false;
            }
        },
        $"Redis at {Configuration} answers PING");

    private async Task SignalAsync(string signal, string dockerCommand)
    {
        if (container is not null)
        {
            await RunAsync("docker", dockerCommand, container);
            return;
        }

        var target = process ?? throw new InvalidOperationException("Only a Redis of our own takes signals; start it with StartAsync.");
        await RunAsync("kill", "-" + signal, target.Id.ToString(null, null));
        if (signal is "KILL" or "TERM")
        {
            await target.WaitForExitAsync();
        }
    }

    private static bool HasProgram(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, name)));

    private static async Task<(int Code, string Text)> RunAsync(string program, params string[] words)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var word in words)
        {
            start.ArgumentList.Add(word);
        }

        using var running = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        var errors = running.StandardError.ReadToEndAsync();
        var text = await running.StandardOutput.ReadToEndAsync();
        await running.WaitForExitAsync();
        return (running.ExitCode, running.ExitCode == 0 ? text : text + await errors);
    }
}
