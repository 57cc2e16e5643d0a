// A trimmed application without reflection JSON: enqueues one message, handles it, and ends with code 0. What the trimmer took away would show here.

using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ReliableQueue;

var folder = Directory.CreateTempSubdirectory("reliablequeue-trimmed-");
var handled = new TaskCompletionSource<Greeting>(TaskCreationOptions.RunContinuationsAsynchronously);
var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = folder.FullName });
builder.Services.AddSingleton(handled);
builder.Services.AddReliableWorker(worker => worker
    .UseSqlite("queue.db")
    .AddJsonContext(GreetingContext.Default)
    .AddHandler<Greeting, GreetingHandler>("greetings", queue => queue.Concurrency = 2));

using (var host = builder.Build())
{
    await host.StartAsync();
    await host.Services.GetRequiredService<IQueueClient>().EnqueueAsync("greetings", new Greeting("hello"));
    var greeting = await handled.Task.WaitAsync(TimeSpan.FromSeconds(30));
    await host.StopAsync();
    Console.WriteLine(greeting.Text);
}

folder.Delete(recursive: true);

[MessageType("greeting")]
internal sealed record Greeting(string Text);

[JsonSerializable(typeof(Greeting))]
internal sealed partial class GreetingContext : JsonSerializerContext;

internal sealed class GreetingHandler(TaskCompletionSource<Greeting> handled) : IMessageHandler<Greeting>
{
    public Task HandleAsync(Greeting message, MessageContext context, CancellationToken cancellationToken)
    {
        handled.TrySetResult(message);
        return Task.CompletedTask;
    }
}
