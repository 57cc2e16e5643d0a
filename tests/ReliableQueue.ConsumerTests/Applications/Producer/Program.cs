// Producer CONFIGURATION TEXT...: enqueues one message for each text and ends. It has no worker.

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ReliableQueue;

var builder = Host.CreateApplicationBuilder();
builder.Services.AddReliableQueue(queue => queue.UseRedis(args[0]));

using var host = builder.Build();
await host.StartAsync();
var queue = host.Services.GetRequiredService<IQueueClient>();
foreach (var text in args[1..])
{
    await queue.EnqueueAsync("greetings", new Greeting(text));
    Console.WriteLine($"enqueued {text}");
}

await host.StopAsync();
Console.WriteLine("stopped");

[MessageType("greeting")]
internal sealed record Greeting(string Text);
