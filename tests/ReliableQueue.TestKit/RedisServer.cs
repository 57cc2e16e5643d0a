using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ReliableQueue.TestKit;

/// <summary>
/// A Redis for tests: the one RELIABLEQUEUE_TEST_REDIS names (host:port), else a <c>redis-server</c> process of its own on a free port, else a container. Only the
/// process can be killed, stopped and restarted, on the same port with the same files.
/// </summary>
public sealed class RedisServer : IAsyncDisposable
{
    private readonly string[] arguments;
    private readonly string? folder;
    private Process? process;
    private string? container;

    private RedisServer(int port, string[] arguments, string? folder, string host = "127.0.0.1")
    {
        Host = host;
        Port = port;
        this.arguments = arguments;
        this.folder = folder;
    }

    public string Host { get; }

    public int Port { get; }

    public string Configuration => $"{Host}:{Port}";

    /// <summary>Whether a test may restart it: a process of our own.</summary>
    public bool IsOurs => folder is not null;

    /// <summary>A server without files and any more arguments wanted, for example <c>--maxmemory</c>, <c>3mb</c>. Arguments need a process of our own.</summary>
    public static async Task<RedisServer> StartAsync(params string[] arguments)
    {
        if (arguments.Length == 0 && Environment.GetEnvironmentVariable("RELIABLEQUEUE_TEST_REDIS") is { Length: > 0 } given)
        {
            var parts = given.Split(':');
            return new RedisServer(parts.Length > 1 ? int.Parse(parts[1], null) : 6379, [], null, parts[0]);
        }

        if (HasProgram("redis-server"))
        {
            var server = new RedisServer(FreePort(), arguments, Directory.CreateTempSubdirectory("rq-redis-").FullName);
            await server.StartAgainAsync();
            return server;
        }

        if (HasProgram("docker") && await RunAsync("docker", "version") is { Code: 0 })
        {
            var port = FreePort();
            var server = new RedisServer(port, arguments, null);
            var (code, text) = await RunAsync("docker", ["run", "-d", "--rm", "-p", $"127.0.0.1:{port}:6379", "redis:7", "redis-server", "--save", "", .. arguments]);
            server.container = code == 0 ? text.Trim() : throw new InvalidOperationException($"docker run redis:7 failed: {text}");
            await server.WaitUntilReadyAsync();
            return server;
        }

        throw new InvalidOperationException(
            "These tests need a Redis. Set RELIABLEQUEUE_TEST_REDIS to host:port of one that may be written to, or install redis-server, or start a Docker engine.");
    }

    /// <summary>Starts the process again after <see cref="Kill"/> or <see cref="StopAsync"/>, and waits until it answers.</summary>
    public async Task StartAgainAsync()
    {
        var start = new ProcessStartInfo("redis-server") { RedirectStandardOutput = true, RedirectStandardError = true };
        string[] all = ["--port", Port.ToString(null, null), "--bind", "127.0.0.1", "--save", "", "--dir", folder ?? ".", .. arguments];
        foreach (var argument in all)
        {
            start.ArgumentList.Add(argument);
        }

        process = Process.Start(start) ?? throw new InvalidOperationException("redis-server did not start.");
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await WaitUntilReadyAsync();
    }

    /// <summary>kill -9.</summary>
    public void Kill()
    {
        process?.Kill();
        process?.WaitForExit();
    }

    /// <summary>A clean shutdown.</summary>
    public Task StopAsync() => SignalAsync("TERM", wait: true);

    /// <summary>Freezes the process: connections stay open and nothing answers.</summary>
    public Task PauseAsync() => SignalAsync("STOP", wait: false);

    public Task ResumeAsync() => SignalAsync("CONT", wait: false);

    /// <summary>Sends one command over a connection of its own and returns the raw start of the answer.</summary>
    public async Task<string> CommandAsync(params string[] words)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(Host, Port);
        var request = new StringBuilder($"*{words.Length}\r\n");
        foreach (var word in words)
        {
            request.Append(null, $"${Encoding.UTF8.GetByteCount(word)}\r\n{word}\r\n");
        }

        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(request.ToString()));
        var buffer = new byte[64 * 1024];
        var length = await stream.ReadAsync(buffer);
        return Encoding.UTF8.GetString(buffer, 0, length);
    }

    public async ValueTask DisposeAsync()
    {
        if (process is { HasExited: false })
        {
            Kill();
        }

        process?.Dispose();
        if (container is not null)
        {
            await RunAsync("docker", "rm", "-f", container);
        }

        if (folder is not null)
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>A port nobody listens on now.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private Task WaitUntilReadyAsync() => Eventually.TrueAsync(
        async () =>
        {
            try
            {
                return process is { HasExited: true }
                    ? throw new InvalidOperationException($"redis-server on port {Port} ended with code {process.ExitCode}.")
                    : (await CommandAsync("PING")).StartsWith("+PONG", StringComparison.Ordinal);
            }
            catch (Exception fault) when (fault is SocketException or IOException)
            {
                return false;
            }
        },
        $"Redis at {Configuration} answers PING");

    private async Task SignalAsync(string signal, bool wait)
    {
        var target = process ?? throw new InvalidOperationException("Only a redis-server process of our own takes signals.");
        await RunAsync("kill", "-" + signal, target.Id.ToString(null, null));
        if (wait)
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
        return (running.ExitCode, text + await errors);
    }
}
