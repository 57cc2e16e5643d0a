using ReliableQueue.Broker;
using Xunit;

namespace ReliableQueue.Redis.Tests.Garnet;

/// <summary>What the check at start says of Garnet.</summary>
public sealed class GarnetCheckTests(SharedGarnet garnet)
{
    [Fact]
    public async Task CheckAsync_Garnet_WarnsOfTheSettingThatItDoesNotTell()
    {
        await using var harness = await garnet.HarnessAsync();
        var finding = Assert.Single(await harness.Broker.Admin.CheckAsync(CancellationToken.None));
        Assert.Equal((FindingSeverity.Warning, "garnet-scripts"), (finding.Severity, finding.Code));
        Assert.Contains("--lua-transaction-mode", finding.Message, StringComparison.Ordinal);
    }
}
