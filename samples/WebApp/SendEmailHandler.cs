using ReliableQueue;

namespace WebApp;

/// <summary>Returning acks the message, throwing retries it, <see cref="RejectMessageException"/> dead-letters it at once.</summary>
internal sealed partial class SendEmailHandler(IConfiguration configuration, ILogger<SendEmailHandler> logger) : IMessageHandler<SendEmail>
{
    public async Task HandleAsync(SendEmail message, MessageContext context, CancellationToken cancellationToken)
    {
        if (!message.To.Contains('@', StringComparison.Ordinal))
        {
            throw new RejectMessageException($"'{message.To}' is no e-mail address.");
        }

        Sending(logger, message.To, context.Id, context.DeliveryCount);

        // Stands in for the mail server. A message may be delivered again: give the real one context.Id as its idempotency key.
        await Task.Delay(configuration.GetValue("SendingTakes", TimeSpan.FromMilliseconds(100)), cancellationToken);
        Sent(logger, message.To, context.Id);
    }

    [LoggerMessage(1, LogLevel.Information, "Sending to {To}: message {Id}, delivery {DeliveryCount}.")]
    private static partial void Sending(ILogger logger, string to, MessageId id, int deliveryCount);

    [LoggerMessage(2, LogLevel.Information, "Sent to {To}: message {Id}.")]
    private static partial void Sent(ILogger logger, string to, MessageId id);
}
