using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using ReliableQueue.Broker;

namespace ReliableQueue.Samples.Tests;

/// <summary>The web application in the process of its tests, as an application's own tests host it.</summary>
public sealed class HostedWebAppTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("rq-hosted-");

    [Fact]
    public async Task Signup_Posted_IsAnsweredWithTheIdAsText()
    {
        await using var app = Host("one");
        using var client = app.CreateClient();

        using var response = await client.PostAsJsonAsync("/signup", new { email = "ada@example.com" }, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        var id = (await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("id").GetString();
        Assert.True(MessageId.TryParse(id, out _), $"'{id}' is no id.");
    }

    [Fact]
    public async Task Hosts_TwoOfOneProcess_HaveFilesOfTheirOwn()
    {
        await using var one = Host("one");
        await using var two = Host("two");

        Assert.Equal("Healthy", await HealthOfAsync(one));
        Assert.Equal("Healthy", await HealthOfAsync(two));
        Assert.True(File.Exists(Path.Combine(folder.FullName, "one", "state", "worker.db")) && File.Exists(Path.Combine(folder.FullName, "two", "state", "queue.db")));
    }

    [Fact]
    public async Task Host_WithoutItsWorker_AcceptsMessagesAndHandlesNone()
    {
        #region TestHostWithoutWorker
        await using var app = Host("one").WithWebHostBuilder(host => host.UseSetting("ReliableQueue:Worker:Enabled", "false"));
        #endregion
        using var client = app.CreateClient();

        using var response = await client.PostAsJsonAsync("/signup", new { email = "ada@example.com" }, TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.Accepted, "Healthy"), (response.StatusCode, await HealthOfAsync(app)));
        var statistics = await app.Services.GetRequiredService<IQueueBroker>().Admin.GetStatisticsAsync(QueueName.Parse("emails"), TestContext.Current.CancellationToken);
        Assert.Equal((1, 0), (statistics.Ready, statistics.Leased));
    }

    [Fact]
    public async Task Route_WithAQueueAndAnId_IsBoundAndAnsweredAsText()
    {
        const string Id = "01939f5e-6c1a-7b3e-9d7f-2a4c8e0b1d5f";
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        await using var app = builder.Build();
        app.MapGet("/{queue}/{id}", (QueueName queue, MessageId id, MessageId? after) => new { queue, id, after });
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var client = app.GetTestClient();

        var answer = await client.GetStringAsync(new Uri($"/emails/{Id}?after={Id}", UriKind.Relative), TestContext.Current.CancellationToken);
        using var refused = await client.GetAsync(new Uri("/emails/mine", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal($$"""{"queue":"emails","id":"{{Id}}","after":"{{Id}}"}""", answer);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
    }

    public void Dispose() => folder.Delete(recursive: true);

    #region TestHost
    private WebApplicationFactory<Program> Host(string name) => new WebApplicationFactory<Program>().WithWebHostBuilder(host =>
        host.UseSetting("ReliableQueue:DataDirectory", Path.Combine(folder.FullName, name)));
    #endregion

    private static async Task<string> HealthOfAsync(WebApplicationFactory<Program> app)
    {
        using var client = app.CreateClient();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            using var response = await client.GetAsync(new Uri("/health/ready", UriKind.Relative), patience.Token);
            var health = await response.Content.ReadAsStringAsync(patience.Token);
            if (health == "Healthy")
            {
                return health;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, patience.Token);
        }
    }
}
