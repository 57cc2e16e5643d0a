using Microsoft.Extensions.DependencyInjection;
using ReliableQueue.Broker;
using ReliableQueue.Setup;

namespace ReliableQueue.Tests.Snippets;

/// <summary>What docs/configuration.md shows of named sets.</summary>
public sealed class NamedSetTests
{
    [Fact]
    public async Task Sets_OfThePage_AreTwoBrokersWithTwoProducers()
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);

        #region NamedSets
        builder.Services.AddReliableWorker(worker => worker
            .UseRedis("localhost:6379")
            .AddHandler<Welcome, WelcomeHandler>("emails"));
        builder.Services.AddReliableQueue("billing", queue => queue.UseSqlite("billing.db"));
        builder.Services.AddTransient<Registration>();
        #endregion

        await using var services = builder.Services.BuildServiceProvider();
        services.GetRequiredService<QueueSetCheck>().Pass();

        Assert.NotNull(services.GetRequiredService<Registration>());
        Assert.Equal("Redis", services.GetRequiredService<IQueueBroker>().Info.Name);
        Assert.Equal("SQLite", services.GetRequiredKeyedService<IQueueBroker>("billing").Info.Name);
    }
}

[MessageType("welcome")]
internal sealed record Welcome(string To);

[MessageType("invoice")]
internal sealed record Invoice(string To);

internal sealed class WelcomeHandler : IMessageHandler<Welcome>
{
    public Task HandleAsync(Welcome message, MessageContext context, CancellationToken cancellationToken) => Task.CompletedTask;
}

#region KeyedClient
internal sealed class Registration(IQueueClient emails, [FromKeyedServices("billing")] IQueueClient billing)
{
    public async Task RegisterAsync(string address)
    {
        await emails.EnqueueAsync("emails", new Welcome(address));
        await billing.EnqueueAsync("invoices", new Invoice(address));
    }
}
#endregion
