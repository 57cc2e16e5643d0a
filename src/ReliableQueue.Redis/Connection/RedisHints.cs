using ReliableQueue.Broker;
using StackExchange.Redis;

namespace ReliableQueue.Redis;

/// <summary>Listens for hints. The client subscribes again after it lost its connection; what is missed in between, polling finds.</summary>
internal sealed class RedisHints(RedisLink link)
{
    private static readonly TimeSpan pause = TimeSpan.FromSeconds(5);

    /// <summary>Adds a listener. Its subscription is made in the background, because there may be no connection yet.</summary>
    public IHintSubscription Add(string channel, Action<QueueHint> hint)
    {
        var listener = new Listener(link, RedisChannel.Literal(channel), hint);
        _ = listener.SubscribeAsync();
        return listener;
    }

    private sealed class Listener(RedisLink link, RedisChannel channel, Action<QueueHint> hint) : IHintSubscription
    {
        private readonly CancellationTokenSource ended = new();
        private volatile bool isConfirmed;

        /// <summary>The client subscribes again by itself, so once confirmed the subscription stands whenever its connection does.</summary>
        public bool IsHeard => isConfirmed && link.Current() is { } connection && connection.Hears(channel);

        public async Task SubscribeAsync()
        {
            try
            {
                while (!await TrySubscribeAsync().ConfigureAwait(false))
                {
                    await Task.Delay(pause, link.Time, ended.Token).ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException)
            {
                // Nobody listens any more.
            }
        }

        public void Dispose()
        {
            if (!ended.IsCancellationRequested)
            {
                ended.Cancel();
                _ = UnsubscribeAsync();
            }
        }

        private async Task<bool> TrySubscribeAsync()
        {
            try
            {
                var connection = await link.OpenAsync(ended.Token).ConfigureAwait(false);
                await connection.SubscribeAsync(channel, Hear).WaitAsync(ended.Token).ConfigureAwait(false);
                isConfirmed = true;
                return true;
            }
            catch (Exception fault) when (fault is not OperationCanceledException || !ended.IsCancellationRequested)
            {
                // Away, or the role may not subscribe. The client may have noted the handler all the same, and would call it twice after the next try.
                await UnsubscribeAsync().ConfigureAwait(false);
                return false;
            }
        }

        private async Task UnsubscribeAsync()
        {
            try
            {
                if (link.Current() is { } connection)
                {
                    await connection.UnsubscribeAsync(channel, Hear).ConfigureAwait(false);
                }
            }
            catch (Exception)
            {
                // The server was not told. The client forgot the handler first, and does not subscribe again for nobody.
            }
        }

        private void Hear(RedisChannel from, RedisValue text)
        {
            if (!ended.IsCancellationRequested)
            {
                // Empty: a list was empty before. Otherwise it is pause.lua that speaks.
                hint(text.IsNullOrEmpty ? QueueHint.Ready : QueueHint.Control);
            }
        }
    }
}
