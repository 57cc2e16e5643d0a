using ReliableQueue;
using ReliableQueue.Broker;
using WebApp;

var builder = WebApplication.CreateBuilder(args);

// Everything else is in appsettings.json, section ReliableQueue: the queues' options, the state file, and where the broker is. With
// ReliableQueue:Redis:Configuration ("localhost:6379") it is Redis, otherwise the embedded broker in ReliableQueue:Sqlite:Path.
var onRedis = !string.IsNullOrEmpty(builder.Configuration["ReliableQueue:Redis:Configuration"]);
builder.Services.AddReliableWorker(worker => (onRedis ? worker.UseRedis() : worker.UseSqlite())
    .AddHandler<SendEmail, SendEmailHandler>("emails"));

// Readiness, not liveness: restarting this process would not mend its broker.
builder.Services.AddHealthChecks().AddReliableQueue();

var app = builder.Build();

// 202: the message is stored, and will be handled even if this process dies now.
app.MapPost("/signup", async (Signup signup, IQueueClient queue, CancellationToken cancellationToken) =>
{
    var id = await queue.EnqueueAsync("emails", new SendEmail(signup.Email), cancellationToken: cancellationToken);
    return Results.Accepted(value: new { id });
});

// A request that stays open for a minute. The web server stops first and waits for it; the worker stops leasing at once all the same.
app.MapGet("/slow", async (HttpResponse response, CancellationToken cancellationToken) =>
{
    await response.WriteAsync("waiting\n", cancellationToken);
    await response.Body.FlushAsync(cancellationToken);
    await Task.Delay(TimeSpan.FromMinutes(1), cancellationToken);
});

#region DeadLetterEndpoints
// For operators: a real application lets in nobody else, with RequireAuthorization on the group.
var deadLetters = app.MapGroup("/dead-letters");

deadLetters.MapGet("/", (IQueueOperator queues, CancellationToken cancellationToken) => queues
    .BrowseAsync("emails", MessageState.DeadLettered, cancellationToken)
    .Take(100)
    .Select(dead => new
    {
        dead.Id,
        dead.MessageType,
        Message = dead.TryReadBody<SendEmail>(out var email) ? email : null,
        Reason = dead.Reason?.ToString(),
        dead.Error,
        dead.DeliveryCount,
        dead.DeadLetteredAt,
    }));

deadLetters.MapPost("/{id}/redrive", async (MessageId id, IQueueOperator queues, CancellationToken cancellationToken) =>
    (await queues.RedriveAsync("emails", [id], cancellationToken)).Done == 1 ? Results.NoContent() : Results.NotFound());
#endregion

app.MapHealthChecks("/health/ready");

app.Run();
