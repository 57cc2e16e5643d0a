using System.Diagnostics;

namespace ReliableQueue.TestKit;

/// <summary>A server that is a process of the <c>redis-server</c> program.</summary>
internal sealed class ProcessHost(string folder, params string[] arguments) : IRedisHost
{
    private Process? process;

    public string Folder => folder;

    public string? Fault => process is { HasExited: true } ? $"redis-server ended with code {process.ExitCode}" : null;

    public Task StartAsync()
    {
        process?.Dispose();
        process = Process.Start(new ProcessStartInfo("redis-server", arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder })
            ?? throw new InvalidOperationException("redis-server did not start.");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return Task.CompletedTask;
    }

    public async Task SignalAsync(string signal)
    {
        var target = process ?? throw new InvalidOperationException("It was not started.");
        using var kill = Process.Start("kill", ["-" + signal, target.Id.ToString(null, null)]);
        await kill.WaitForExitAsync();
        if (signal is "KILL" or "TERM")
        {
            await target.WaitForExitAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (process is { HasExited: false })
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        process?.Dispose();
        Directory.Delete(folder, recursive: true);
    }
}
