using StackExchange.Redis;

namespace ReliableQueue.Comparison;

/// <summary>Writes a line, takes its time, writes a line: what the handlers of the other peers do.</summary>
internal sealed class NumberedHandler(IConnectionMultiplexer journal) : IMessageHandler<Numbered>
{
    public async Task HandleAsync(Numbered message, MessageContext context, CancellationToken cancellationToken)
    {
        await NoteAsync($"start {message.Number}");
        await Task.Delay(TimeSpan.FromMilliseconds(message.Milliseconds), TimeProvider.System, cancellationToken);
        await NoteAsync($"end {message.Number}");
    }

    private Task<RedisResult> NoteAsync(string line) => journal.GetDatabase().ScriptEvaluateAsync(Journal.NoteScript, [Journal.Key], [line]);
}
