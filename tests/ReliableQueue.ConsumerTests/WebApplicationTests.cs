using System.Net;
using System.Net.Http.Json;
using ReliableQueue.TestKit;

namespace ReliableQueue.ConsumerTests;

public sealed class WebApplicationTests(PackageFeed feed)
{
    // Commands and subscriptions each have a connection; clients that speak RESP3 use one for both.
    private const int ConnectionsOfOneClient = 2;

    [Theory]
    [InlineData("2.8.16")]
    [InlineData(Clients.Newest)]
    public async Task A_web_application_shares_one_connection_between_its_cache_and_its_queue(string client)
    {
        await using var redis = await RedisServer.StartAsync("--appendonly", "yes", "--maxmemory-policy", "noeviction");
        var application = await feed.ApplicationAsync("Web", client);
        using var running = application.Start("--urls", "http://127.0.0.1:0", "--ConnectionStrings:Redis", $"{redis.Configuration},name=shop");
        using var http = new HttpClient { BaseAddress = new Uri((await running.WaitForLineAsync("Now listening on: ")).Split("on: ")[1]) };
        await running.WaitForLineAsync("Application started.");

        using var posted = await http.PostAsJsonAsync("/orders", new { number = 1 });
        Assert.Equal(HttpStatusCode.Accepted, posted.StatusCode);
        await running.WaitForLineAsync("handled 1");
        Assert.Equal("delivered in delivery 1", await http.GetStringAsync(posted.Headers.Location));
        Assert.Equal("Healthy", await http.GetStringAsync(new Uri("/health", UriKind.Relative)));

        var others = (await redis.CommandAsync("CLIENT", "LIST")).Split('\n').Where(line => line.StartsWith("id=", StringComparison.Ordinal) && !line.Contains("cmd=client", StringComparison.Ordinal)).ToList();
        Assert.InRange(others.Count(line => line.Contains("name=shop", StringComparison.Ordinal)), 1, ConnectionsOfOneClient);

        // The renewals have one of their own.
        Assert.True(others.Count(line => !line.Contains("name=shop", StringComparison.Ordinal)) <= 1, string.Join('\n', others));
        await running.TerminateAsync();
        await running.WaitForLineAsync("stopped");
        await running.WaitForExitAsync();
        Assert.Equal(0, running.ExitCode);
    }

    [Fact]
    public async Task An_application_of_dotnet_new_web_handles_a_message_with_the_lines_of_the_readme_and_nothing_else()
    {
        await using var redis = await RedisServer.StartAsync("--appendonly", "yes", "--maxmemory-policy", "noeviction");
        var folder = feed.NewFolder("Shop");
        await feed.DotnetAsync(folder, "new", "web", "--name", "Shop", "--output", ".", "--no-restore");
        foreach (var package in Repository.PackagesToAdd())
        {
            await feed.DotnetAsync(folder, "add", "package", package, "--no-restore", "--version", package == "StackExchange.Redis" ? Clients.Newest : feed.Version);
        }

        var lines = Repository.Snippet("OneEndpoint");
        Assert.Contains("localhost:6379", lines, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(folder, "Program.cs"), lines.Replace("localhost:6379", redis.Configuration, StringComparison.Ordinal));
        await feed.DotnetAsync(folder, "build", "--configuration", "Release", "--output", "built", "-warnaserror");
        using var running = RunningProgram.Start(Path.Combine(folder, "built", "Shop"), folder, "--urls", "http://127.0.0.1:0");
        using var http = new HttpClient { BaseAddress = new Uri((await running.WaitForLineAsync("Now listening on: ")).Split("on: ")[1]) };
        await running.WaitForLineAsync("Application started.");

        using var posted = await http.PostAsJsonAsync("/emails", new { to = "ada@example.com" });
        Assert.Equal(HttpStatusCode.Accepted, posted.StatusCode);
        await running.WaitForLineAsync("ada@example.com");
        await running.TerminateAsync();
        await running.WaitForExitAsync();
        Assert.True(running.ExitCode == 0, running.Output);
    }
}
