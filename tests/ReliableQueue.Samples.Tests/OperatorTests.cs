using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using ReliableQueue.Broker;
using ReliableQueue.TestKit;
using ReliableQueue.Testing;

namespace ReliableQueue.Samples.Tests;

/// <summary>Dead letters as an ASP.NET application reaches them: from its container, decoded, and put back.</summary>
public sealed class OperatorTests : IDisposable
{
    private const string Queue = "emails";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("rq-operator-");
    private readonly VirtualTime time = new();
    private volatile bool isMailServerUp;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Redrive_FromTheContainer_EmptiesTheListAndTheGauge()
    {
        await using var app = await StartAsync();
        using var gauge = new DeadLetterGauge(app.Services.GetRequiredService<IMeterFactory>());
        var queues = app.Services.GetRequiredService<IQueueOperator>();
        var id = await app.Services.GetRequiredService<IQueueClient>().EnqueueAsync(Queue, new Mail("ada@example.com"), new() { Headers = new Dictionary<string, string> { ["tenant"] = "acme" } }, Token);
        await PassAsync(async () => (await queues.GetStatisticsAsync(Queue, Token)).DeadLettered == 1, "dead-lettered");
        await PassAsync(() => gauge.Read() == 1, "shown by the gauge");

        var dead = Assert.Single(await queues.BrowseAsync(Queue, MessageState.DeadLettered, Token).ToListAsync(Token));
        Assert.Equal((id, "mail", new Mail("ada@example.com"), "acme"), (dead.Id, dead.MessageType, dead.ReadBody<Mail>(), dead.Headers["tenant"]));
        Assert.Equal((DeadLetterReason.DeliveryLimit, 2), (dead.Reason, dead.DeliveryCount));
        Assert.Contains("The mail server is away.", dead.Error, StringComparison.Ordinal);

        isMailServerUp = true;
        var result = await queues.RedriveAsync(Queue, [id], Token);

        Assert.Equal(1, result.Done);
        Assert.Empty(await queues.BrowseAsync(Queue, MessageState.DeadLettered, Token).ToListAsync(Token));
        await PassAsync(() => gauge.Read() == 0, "gone from the gauge");
        await PassAsync(async () => await queues.FindAsync(Queue, id, Token) is null, "handled");
        Assert.Equal(0, (await queues.RedriveAsync(Queue, [id], Token)).Done);
        await app.StopAsync(Token);
    }

    [Fact]
    public async Task Endpoints_OfTheSample_ListAndRedriveDeadLetters()
    {
        await using var app = new WebApplicationFactory<Program>().WithWebHostBuilder(host => host.UseSetting("ReliableQueue:DataDirectory", folder.FullName));
        using var client = app.CreateClient();
        using var posted = await client.PostAsJsonAsync("/signup", new { email = "nobody" }, Token);
        var id = (await posted.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("id").GetString();

        await Eventually.TrueAsync(async () => await ListAsync(client) is [_], "the rejection is listed");
        var dead = Assert.Single(await ListAsync(client));
        Assert.Equal((id, "send-email", "Rejected"), (dead.GetProperty("id").GetString(), dead.GetProperty("messageType").GetString(), dead.GetProperty("reason").GetString()));
        Assert.Equal("nobody", dead.GetProperty("message").GetProperty("to").GetString());

        await app.Services.GetRequiredService<IQueueOperator>().PauseAsync(Queue, null, Token);
        using var redriven = await client.PostAsync(new Uri($"/dead-letters/{id}/redrive", UriKind.Relative), null, Token);
        using var again = await client.PostAsync(new Uri($"/dead-letters/{id}/redrive", UriKind.Relative), null, Token);

        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NotFound), (redriven.StatusCode, again.StatusCode));
        Assert.Empty(await ListAsync(client));

        await app.Services.GetRequiredService<IQueueOperator>().ResumeAsync(Queue, Token);
        await Eventually.TrueAsync(async () => await ListAsync(client) is [_], "the message ran again, and was rejected again");
    }

    public void Dispose() => folder.Delete(recursive: true);

    private static async Task<IReadOnlyList<JsonElement>> ListAsync(HttpClient client) =>
        await client.GetFromJsonAsync<List<JsonElement>>(new Uri("/dead-letters", UriKind.Relative), Token) ?? [];

    /// <summary>An application whose clock is the test's.</summary>
    private async Task<WebApplication> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Services.AddSingleton<TimeProvider>(time);
        builder.Services.AddReliableWorker(worker => worker
            .UseBroker(_ => new MemoryBroker(time))
            .UseDataDirectory(folder.FullName)
            .Handle(Queue, (Mail mail, MessageContext context, CancellationToken token) => isMailServerUp
                ? Task.CompletedTask
                : Task.FromException(new InvalidOperationException("The mail server is away.")))
            .ConfigureQueue(Queue, queue => queue.Retry.MaxDeliveries = 2));
        var app = builder.Build();
        await app.StartAsync(Token);
        return app;
    }

    /// <summary>Lets time pass, a second at a time, until the application has got there.</summary>
    private Task PassAsync(Func<Task<bool>> isThere, string what) => Eventually.TrueAsync(
        async () =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return await isThere();
        },
        what);

    private Task PassAsync(Func<bool> isThere, string what) => PassAsync(() => Task.FromResult(isThere()), what);

    [MessageType("mail")]
    internal sealed record Mail(string To);

    /// <summary>The number of dead letters as a monitor sees it.</summary>
    private sealed class DeadLetterGauge : IDisposable
    {
        private readonly MeterListener listener;
        private long? read;

        public DeadLetterGauge(IMeterFactory meters)
        {
            listener = new MeterListener
            {
                InstrumentPublished = (instrument, listening) =>
                {
                    if (instrument.Name == "reliablequeue.queue.size" && ReferenceEquals(instrument.Meter.Scope, meters))
                    {
                        listening.EnableMeasurementEvents(instrument);
                    }
                },
            };
            listener.SetMeasurementEventCallback<long>((_, value, tags, _) => read = tags.ToArray().Any(tag => tag.Value is "dead_lettered") ? value : read);
            listener.Start();
        }

        public long? Read()
        {
            read = null;
            listener.RecordObservableInstruments();
            return read;
        }

        public void Dispose() => listener.Dispose();
    }
}
