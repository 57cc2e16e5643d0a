// Client string|container CONFIGURATION VISIBILITY-TIMEOUT: enqueues and handles on a Redis. Each line of its input is a number of seconds: a message whose handler takes
// that long. The end of the input stops it.

using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ReliableQueue;
using StackExchange.Redis;

var (way, configuration, visibilityTimeout) = (args[0], args[1], TimeSpan.Parse(args[2], CultureInfo.InvariantCulture));
var own = way == "container" ? await ConnectionMultiplexer.ConnectAsync(configuration) : null;
var builder = Host.CreateApplicationBuilder();
if (own is not null)
{
    builder.Services.AddSingleton<IConnectionMultiplexer>(own);
}

builder.Services.AddReliableWorker(worker =>
    (own is null ? worker.UseRedis(configuration) : worker.UseRedis(services => services.GetRequiredService<IConnectionMultiplexer>()))
        .AddHandler<Order, OrderHandler>("orders", queue => queue.VisibilityTimeout = visibilityTimeout));

using (var host = builder.Build())
{
    await host.StartAsync();
    Console.WriteLine($"started on {typeof(ConnectionMultiplexer).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion}");
    var queue = host.Services.GetRequiredService<IQueueClient>();
    var number = 0;
    while (await Console.In.ReadLineAsync() is { } seconds)
    {
        await queue.EnqueueAsync("orders", new Order(++number, double.Parse(seconds, CultureInfo.InvariantCulture)));
        Console.WriteLine($"enqueued {number}");
    }

    await host.StopAsync();
}

if (own is not null)
{
    await own.GetDatabase().PingAsync();
    Console.WriteLine("the application's own connection answers");
}

Console.WriteLine("stopped");

[MessageType("order")]
internal sealed record Order(int Number, double Seconds);

internal sealed class OrderHandler : IMessageHandler<Order>
{
    public async Task HandleAsync(Order message, MessageContext context, CancellationToken cancellationToken)
    {
        Console.WriteLine($"handling {message.Number}, delivery {context.DeliveryCount}");
        await Task.Delay(TimeSpan.FromSeconds(message.Seconds), TimeProvider.System, cancellationToken);
        Console.WriteLine($"handled {message.Number}");
    }
}
