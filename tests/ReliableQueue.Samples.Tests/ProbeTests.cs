using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace ReliableQueue.Samples.Tests;

/// <summary>What docs/containers.md shows of probes.</summary>
public sealed class ProbeTests
{
    // Nothing listens on the port below the first that anybody may take.
    private const string Nowhere = "127.0.0.1:1,connectTimeout=200,connectRetry=0";

    [Fact]
    public async Task Probes_BrokerThatIsAway_FailsReadinessAlone()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Services.AddReliableQueue(queue => queue.UseRedis(Nowhere, redis => redis.CallTimeout = TimeSpan.FromMilliseconds(500)));

        #region Probes
        builder.Services.AddHealthChecks().AddReliableQueue(tags: ["ready"]);

        var app = builder.Build();
        app.MapHealthChecks("/health/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains("ready") });
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false });
        #endregion

        await using var running = app;
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var client = app.GetTestClient();

        Assert.Equal(("Unhealthy", "Healthy"), (await SayAsync(client, "ready"), await SayAsync(client, "live")));
    }

    private static async Task<string> SayAsync(HttpClient client, string probe)
    {
        using var response = await client.GetAsync(new Uri($"/health/{probe}", UriKind.Relative), TestContext.Current.CancellationToken);
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }
}
