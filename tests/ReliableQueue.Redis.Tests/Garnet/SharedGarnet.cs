using System.Diagnostics;
using System.Globalization;
using ReliableQueue.BrokerContract;
using ReliableQueue.Redis.Tests.Garnet;
using ReliableQueue.TestKit;
using StackExchange.Redis;
using Xunit;

[assembly: AssemblyFixture(typeof(SharedGarnet))]

namespace ReliableQueue.Redis.Tests.Garnet;

/// <summary>
/// One Garnet server for every test that asks for it, started by the first. Garnet passes the whole contract; a fact that it could not pass would be taken out here, by its name
/// and with the reason, and be listed in docs/operations.md.
/// </summary>
public sealed class SharedGarnet : IAsyncDisposable
{
    private readonly Lazy<Task<ConnectionMultiplexer>> multiplexer;
    private Process? process;

    public SharedGarnet() => multiplexer = new(StartAsync);

    private string Configuration { get; } = "127.0.0.1:" + RedisServer.FreePort().ToString(CultureInfo.InvariantCulture);

    public async ValueTask<BrokerHarness> HarnessAsync() => new RedisHarness(Configuration, (await multiplexer.Value).GetDatabase(), modelSequences: 30);

    public async ValueTask DisposeAsync()
    {
        if (multiplexer.IsValueCreated)
        {
            (await multiplexer.Value).Dispose();
        }

        // It ends when its input does.
        process?.StandardInput.Close();
        await (process?.WaitForExitAsync() ?? Task.CompletedTask).WaitAsync(TimeSpan.FromSeconds(30));
        process?.Dispose();
    }

    private async Task<ConnectionMultiplexer> StartAsync()
    {
        const string Host = "ReliableQueue.GarnetHost";
        var program = Path.Combine(AppContext.BaseDirectory.Replace("ReliableQueue.Redis.Tests", Host, StringComparison.Ordinal), Host);
        // Without the last argument Garnet runs scripts side by side on the same keys.
        string[] arguments = ["--bind", "127.0.0.1", "--port", Configuration.Split(':')[1], "--lua", "--lua-transaction-mode"];
        process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("Garnet did not start.");
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line == "ready")
            {
                return await ConnectionMultiplexer.ConnectAsync(Configuration + ",connectTimeout=20000,syncTimeout=20000");
            }
        }

        throw new InvalidOperationException($"Garnet ended with code {process.ExitCode}.");
    }
}
