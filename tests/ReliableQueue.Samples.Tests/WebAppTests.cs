using System.Diagnostics;

namespace ReliableQueue.Samples.Tests;

public sealed class WebAppTests
{
    private const int ShutdownTimeout = 14;

    // Room for a busy machine three times: until the process is told to stop, for the handlers to end within the drain, and for the rest after it.
    private static readonly string[] StopsWithinSeconds =
        ["--shutdownTimeoutSeconds", $"{ShutdownTimeout}", "--ReliableQueue:Worker:DrainTimeout", "00:00:10", "--ReliableQueue:Queues:emails:Concurrency", "2"];

    [Fact]
    public async Task Signup_Posted_IsAcceptedAndHandled()
    {
        using var app = await RunningWebApp.StartAsync();

        var id = await app.SignUpAsync("ada@example.com");

        await app.Process.WaitForLineAsync($"Sent to ada@example.com: message {id}");
        Assert.Equal("Healthy", await app.GetAsync("/health/ready"));
    }

    [Fact]
    public async Task Terminated_WhileARequestIsOpen_LetsHandlersFinishAndLeasesNoMore()
    {
        using var app = await RunningWebApp.StartAsync([.. StopsWithinSeconds, "--SendingTakes", "00:00:05"]);
        using var slow = await OccupyAsync(app);

        await StopAsync(app);

        Assert.Equal(2, Count(app, "Sent to"));
        Assert.Equal(2, Count(app, "Sending to"));
        Assert.True(await app.ReadStatisticsAsync() is { Ready: 2, Leased: 0, Scheduled: 0, DeadLettered: 0 }, $"{await app.ReadStatisticsAsync()}");
    }

    [Fact]
    public async Task Terminated_WhileHandlersTakeLongerThanTheDrain_ReleasesTheirMessages()
    {
        using var app = await RunningWebApp.StartAsync([.. StopsWithinSeconds, "--SendingTakes", "01:00:00"]);
        using var slow = await OccupyAsync(app);

        await StopAsync(app);

        Assert.Equal(0, Count(app, "Sent to"));
        Assert.Equal(2, Count(app, "Sending to"));
        Assert.True(await app.ReadStatisticsAsync() is { Ready: 4, Leased: 0, Scheduled: 0, DeadLettered: 0 }, $"{await app.ReadStatisticsAsync()}");
    }

    /// <summary>Both slots busy, two messages more than slots, and a request that stays open longer than the host waits.</summary>
    private static async Task<HttpResponseMessage> OccupyAsync(RunningWebApp app)
    {
        var slow = await app.OpenSlowRequestAsync();
        foreach (var name in (string[])["ada", "grace", "barbara", "frances"])
        {
            await app.SignUpAsync($"{name}@example.com");
        }

        await app.Process.WaitForLineAsync("Sending to");
        await app.Process.WaitForLineAsync("Sending to");
        return slow;
    }

    private static async Task StopAsync(RunningWebApp app)
    {
        var asked = Stopwatch.StartNew();
        await app.Process.TerminateAsync();
        await app.Process.WaitForExitAsync();
        Assert.True(asked.Elapsed < TimeSpan.FromSeconds(ShutdownTimeout + 5), $"It ended {asked.Elapsed} after SIGTERM:\n{app.Process.Output}");
    }

    private static int Count(RunningWebApp app, string text) => app.Process.Output.Split(text).Length - 1;
}
