namespace ReliableQueue.Tests.DependencyInjection;

internal sealed class GreetingHandler(Guestbook book) : IMessageHandler<Greeting>
{
    public Task HandleAsync(Greeting message, MessageContext context, CancellationToken cancellationToken)
    {
        book.Sign(message.Name);
        return Task.CompletedTask;
    }
}
