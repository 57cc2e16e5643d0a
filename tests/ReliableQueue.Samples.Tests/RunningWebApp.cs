using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ReliableQueue.Broker;
using ReliableQueue.TestKit;

namespace ReliableQueue.Samples.Tests;

/// <summary>The web application in a process of its own, on a free port, with its files in a folder of its own.</summary>
internal sealed class RunningWebApp : IDisposable
{
    private readonly DirectoryInfo folder;
    private readonly HttpClient http;

    private RunningWebApp(RunningProgram process, DirectoryInfo folder, HttpClient http) => (Process, this.folder, this.http) = (process, folder, http);

    public RunningProgram Process { get; }

    private string QueueFile => Path.Combine(folder.FullName, "queue.db");

    public static async Task<RunningWebApp> StartAsync(params string[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("rq-webapp-");
        string[] places =
        [
            "--urls", "http://127.0.0.1:0",
            "--ReliableQueue:Worker:StateFile", Path.Combine(folder.FullName, "worker.db"),
            "--ReliableQueue:Sqlite:Path", Path.Combine(folder.FullName, "queue.db"),
        ];
        var process = Sample.Start("WebApp", [.. places, .. settings]);
        try
        {
            var listening = await process.WaitForLineAsync("Now listening on: ");
            await process.WaitForLineAsync("Application started.");
            return new RunningWebApp(process, folder, new HttpClient { BaseAddress = new Uri(listening.Split("on: ")[1]) });
        }
        catch
        {
            process.Dispose();
            throw;
        }
    }

    /// <summary>Signs somebody up.</summary>
    /// <returns>The id of the message.</returns>
    public async Task<string> SignUpAsync(string email)
    {
        using var response = await http.PostAsJsonAsync("/signup", new { email });
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString() ?? "";
    }

    public Task<string> GetAsync(string path) => http.GetStringAsync(new Uri(path, UriKind.Relative));

    /// <summary>Opens a request that lasts a minute, and returns when it is being answered.</summary>
    public async Task<HttpResponseMessage> OpenSlowRequestAsync() =>
        await http.GetAsync(new Uri("/slow", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);

    /// <summary>What is in the queue, read from the broker's file.</summary>
    public async Task<QueueStatistics> ReadStatisticsAsync()
    {
        await using var broker = SqliteBroker.Create(new SqliteBrokerOptions { Path = QueueFile });
        return await broker.Admin.GetStatisticsAsync(QueueName.Parse("emails"), CancellationToken.None);
    }

    public void Dispose()
    {
        Process.Dispose();
        http.Dispose();
        folder.Delete(recursive: true);
    }
}
