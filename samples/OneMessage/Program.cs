// One message, handled by this process. Kill the process with kill -9 while the handler runs and start it again: the message is handled at once, as delivery 2.

#region OneMessage
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ReliableQueue;

var builder = Host.CreateApplicationBuilder(args);
builder.Services.AddReliableWorker(worker => worker
    .UseSqlite("state/queue.db")                        // or .UseRedis("localhost:6379")
    .AddHandler<SendEmail, SendEmailHandler>("emails"));

using var host = builder.Build();
await host.StartAsync();
await host.Services.GetRequiredService<IQueueClient>().EnqueueAsync("emails", new SendEmail("ada@example.com"));
await host.WaitForShutdownAsync();

[MessageType("send-email")]                             // the name on the wire, so that the class may be renamed
internal sealed record SendEmail(string To);

internal sealed class SendEmailHandler : IMessageHandler<SendEmail>
{
    // return: ack · throw: retry with backoff · throw RejectMessageException: dead-letter now
    public async Task HandleAsync(SendEmail message, MessageContext context, CancellationToken cancellationToken)
    {
        Console.WriteLine($"Delivery {context.DeliveryCount} of {context.Id}: sending to {message.To} …");
        await Task.Delay(TimeSpan.FromSeconds(10), cancellationToken);
        Console.WriteLine("… sent.");
    }
}
#endregion
