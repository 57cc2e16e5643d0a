// A web application that answers at once and sends its e-mails afterwards: the whole Program.cs of `dotnet new web`. POST {"to":"ada@example.com"} to /emails.

#region OneEndpoint
using ReliableQueue;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddReliableWorker(worker => worker
    .UseRedis("localhost:6379")
    .AddHandler<SendEmail, SendEmailHandler>("emails"));

var app = builder.Build();
app.MapPost("/emails", async (SendEmail email, IQueueClient queue, CancellationToken cancellationToken) =>
{
    var id = await queue.EnqueueAsync("emails", email, cancellationToken: cancellationToken);
    return Results.Accepted(value: new { id });
});
app.Run();

[MessageType("send-email")]
internal sealed record SendEmail(string To);

internal sealed class SendEmailHandler : IMessageHandler<SendEmail>
{
    public Task HandleAsync(SendEmail message, MessageContext context, CancellationToken cancellationToken)
    {
        Console.WriteLine($"Delivery {context.DeliveryCount} of {context.Id}: sending to {message.To}.");
        return Task.CompletedTask;
    }
}
#endregion
