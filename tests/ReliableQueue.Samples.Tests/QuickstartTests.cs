using ReliableQueue.TestKit;

namespace ReliableQueue.Samples.Tests;

/// <summary>The Quickstart verifies what it says itself; here its exit code is believed, and that it leaves nothing behind is not.</summary>
public sealed class QuickstartTests
{
    // The program itself says 1 second. Starting a .NET process takes several times as long on a machine that does other things, and still an hour less than the lease.
    private static readonly string[] OnABusyMachine = ["--within", "20"];

    [Fact]
    public async Task Quickstart_OnTheEmbeddedBroker_VerifiesEverythingItSays()
    {
        using var quickstart = Sample.Start("Quickstart", OnABusyMachine);
        await quickstart.WaitForExitAsync();

        Assert.True(quickstart.ExitCode == 0, quickstart.Output);
        Assert.Matches("lost +0", quickstart.Output);
    }

    [Fact]
    public async Task Quickstart_OnRedis_VerifiesEverythingItSaysAndRemovesItsKeys()
    {
        await using var redis = await RedisServer.StartAsync();
        using var quickstart = Sample.Start("Quickstart", ["--redis", redis.Configuration, .. OnABusyMachine]);
        await quickstart.WaitForExitAsync();

        Assert.True(quickstart.ExitCode == 0, quickstart.Output);
        Assert.Matches("lost +0", quickstart.Output);
        Assert.Equal("*0\r\n", await redis.CommandAsync("KEYS", "*reliablequeue-quickstart-*"));
    }

    [Fact]
    public async Task Quickstart_Terminated_EndsItsWorkerAndRemovesItsFolder()
    {
        using var quickstart = Sample.Start("Quickstart");
        var leased = await quickstart.WaitForLineAsync("leased ");
        await quickstart.TerminateAsync();
        await quickstart.WaitForExitAsync();

        Assert.Equal(1, quickstart.ExitCode);
        var worker = int.Parse(leased.Split("worker ")[1].Split(' ')[0], null);
        Assert.False(Directory.Exists($"/proc/{worker}"), $"Worker {worker} is left behind.");
    }

    [Fact]
    public async Task Quickstart_WithAnUnknownOption_SaysHowToCallIt()
    {
        using var quickstart = Sample.Start("Quickstart", "--rabbit");
        await quickstart.WaitForExitAsync();

        Assert.Equal(2, quickstart.ExitCode);
    }
}
