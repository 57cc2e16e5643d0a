// A web application whose cache and whose queue use one connection to Redis. A request posts an order, its handler writes the outcome into the cache, and another request
// reads it there.

using Microsoft.Extensions.Caching.Distributed;
using ReliableQueue;
using StackExchange.Redis;

var builder = WebApplication.CreateBuilder(args);
var redis = await ConnectionMultiplexer.ConnectAsync(builder.Configuration.GetConnectionString("Redis") ?? "localhost");
builder.Services.AddSingleton<IConnectionMultiplexer>(redis);
builder.Services.AddStackExchangeRedisCache(cache => cache.ConnectionMultiplexerFactory = () => Task.FromResult<IConnectionMultiplexer>(redis));
builder.Services.AddReliableWorker(worker => worker
    .UseRedis(services => services.GetRequiredService<IConnectionMultiplexer>())
    .AddHandler<Order, OrderHandler>("orders"));
builder.Services.AddHealthChecks().AddReliableQueue();

var app = builder.Build();
app.MapPost("/orders", async (Order order, IQueueClient queue, CancellationToken cancellationToken) =>
{
    await queue.EnqueueAsync("orders", order, cancellationToken: cancellationToken);
    return Results.Accepted($"/orders/{order.Number}");
});
app.MapGet("/orders/{number}", async (string number, IDistributedCache cache, CancellationToken cancellationToken) =>
    await cache.GetStringAsync(number, cancellationToken) is { } outcome ? Results.Text(outcome) : Results.NotFound());
app.MapHealthChecks("/health");
app.Run();
Console.WriteLine("stopped");

[MessageType("order")]
internal sealed record Order(int Number);

internal sealed class OrderHandler(IDistributedCache cache) : IMessageHandler<Order>
{
    public async Task HandleAsync(Order message, MessageContext context, CancellationToken cancellationToken)
    {
        await cache.SetStringAsync($"{message.Number}", $"delivered in delivery {context.DeliveryCount}", cancellationToken);
        Console.WriteLine($"handled {message.Number}");
    }
}
