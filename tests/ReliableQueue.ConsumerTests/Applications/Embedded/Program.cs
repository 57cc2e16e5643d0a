// Enqueues one message into a file, handles it and ends. It references the embedded broker alone.

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ReliableQueue;

var handled = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
var builder = Host.CreateApplicationBuilder();
builder.Services.AddSingleton(handled);
builder.Services.AddReliableWorker(worker => worker
    .UseSqlite("state/queue.db")
    .AddHandler<Greeting, GreetingHandler>("greetings", queue => queue.VisibilityTimeout = TimeSpan.FromSeconds(4)));

using (var host = builder.Build())
{
    await host.StartAsync();
    await host.Services.GetRequiredService<IQueueClient>().EnqueueAsync("greetings", new Greeting("hello"));
    Console.WriteLine($"handled in delivery {await handled.Task.WaitAsync(TimeSpan.FromMinutes(1))}");
    await host.StopAsync();
}

Console.WriteLine("stopped");

[MessageType("greeting")]
internal sealed record Greeting(string Text);

internal sealed class GreetingHandler(TaskCompletionSource<int> handled) : IMessageHandler<Greeting>
{
    public async Task HandleAsync(Greeting message, MessageContext context, CancellationToken cancellationToken)
    {
        await Task.Delay(TimeSpan.FromSeconds(10), TimeProvider.System, cancellationToken);
        handled.TrySetResult(context.DeliveryCount);
    }
}
