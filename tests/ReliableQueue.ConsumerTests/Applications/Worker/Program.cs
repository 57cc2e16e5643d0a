// Worker CONFIGURATION: handles until it is terminated. It enqueues nothing.

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ReliableQueue;

var builder = Host.CreateApplicationBuilder();
builder.Services.AddReliableWorker(worker => worker.UseRedis(args[0]).AddHandler<Greeting, GreetingHandler>("greetings"));

using var host = builder.Build();
await host.RunAsync();
Console.WriteLine("stopped");

[MessageType("greeting")]
internal sealed record Greeting(string Text);

internal sealed class GreetingHandler : IMessageHandler<Greeting>
{
    public Task HandleAsync(Greeting message, MessageContext context, CancellationToken cancellationToken)
    {
        Console.WriteLine($"handled {message.Text}, delivery {context.DeliveryCount}");
        return Task.CompletedTask;
    }
}
