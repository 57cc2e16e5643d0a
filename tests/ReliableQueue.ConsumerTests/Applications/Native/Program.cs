// Native sqlite|CONFIGURATION: compiled to machine code, without reflection in JSON. Enqueues one message, handles it, and ends. What the trimmer took away would show here.

using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ReliableQueue;

var handled = new TaskCompletionSource<Greeting>(TaskCreationOptions.RunContinuationsAsynchronously);
var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = Environment.CurrentDirectory });
builder.Services.AddSingleton(handled);
builder.Services.AddReliableWorker(worker => (args[0] == "sqlite" ? worker.UseSqlite("queue.db") : worker.UseRedis(args[0]))
    .AddJsonContext(GreetingContext.Default)
    .AddHandler<Greeting, GreetingHandler>("greetings", queue => queue.Concurrency = 2));

using (var host = builder.Build())
{
    await host.StartAsync();
    await host.Services.GetRequiredService<IQueueClient>().EnqueueAsync("greetings", new Greeting("hello"));
    Console.WriteLine($"handled {(await handled.Task.WaitAsync(TimeSpan.FromMinutes(1))).Text}");
    await host.StopAsync();
}

Console.WriteLine("stopped");

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
