namespace ReliableQueue.Tests.Snippets;

/// <summary>What docs/testing.md shows.</summary>
public sealed class HandlerTests
{
    #region TestHandler
    [Fact]
    public async Task Handle_UnknownAddress_IsRejected()
    {
        var handler = new WelcomeHandler(new FakeMailServer { Knows = false });
        var context = new MessageContext { DeliveryCount = 3 };

        await Assert.ThrowsAsync<RejectMessageException>(() => handler.HandleAsync(new Welcome("nobody@example.com"), context, CancellationToken.None));
    }

    [Fact]
    public async Task Handle_LeaseThatWasLost_SendsNothing()
    {
        var mails = new FakeMailServer();
        var context = new MessageContext { LeaseCheck = () => false };

        await new WelcomeHandler(mails).HandleAsync(new Welcome("ada@example.com"), context, CancellationToken.None);

        Assert.Empty(mails.Sent);
    }
    #endregion

    #region TestProducer
    [Fact]
    public async Task Register_NewCustomer_IsWelcomed()
    {
        var queue = new FakeQueueClient();

        await new Registration(queue).RegisterAsync("ada@example.com");

        Assert.Equal([("emails", new Welcome("ada@example.com"))], queue.Enqueued);
    }

    private sealed class FakeQueueClient : IQueueClient
    {
        public List<(string Queue, object? Message)> Enqueued { get; } = [];

        public async Task<MessageId> EnqueueAsync<TMessage>(
            string queue, TMessage message, EnqueueOptions? options = null, CancellationToken cancellationToken = default) =>
            (await EnqueueManyAsync(queue, [message], options, cancellationToken))[0];

        public Task<IReadOnlyList<MessageId>> EnqueueManyAsync<TMessage>(
            string queue, IEnumerable<TMessage> messages, EnqueueOptions? options = null, CancellationToken cancellationToken = default)
        {
            Enqueued.AddRange(messages.Select(message => (queue, (object?)message)));
            return Task.FromResult<IReadOnlyList<MessageId>>([.. messages.Select(_ => default(MessageId))]);
        }
    }
    #endregion

    [MessageType("welcome", Queue = "emails")]
    private sealed record Welcome(string To);

    private sealed class FakeMailServer
    {
        public bool Knows { get; init; } = true;

        public List<string> Sent { get; } = [];
    }

    private sealed class WelcomeHandler(FakeMailServer mails) : IMessageHandler<Welcome>
    {
        public Task HandleAsync(Welcome message, MessageContext context, CancellationToken cancellationToken)
        {
            if (!mails.Knows)
            {
                throw new RejectMessageException($"Nobody has the address {message.To}.");
            }

            if (context.IsLeaseValid)
            {
                mails.Sent.Add(message.To);
            }

            return Task.CompletedTask;
        }
    }

    private sealed class Registration(IQueueClient queue)
    {
        public Task<MessageId> RegisterAsync(string address) => queue.EnqueueAsync(new Welcome(address));
    }
}
