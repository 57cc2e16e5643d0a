using ReliableQueue.Broker;
using StackExchange.Redis;

namespace ReliableQueue.Redis;

/// <summary>Listens for hints. The client subscribes again after it lost its connection; what is missed in between, polling finds.</summary>
internal sealed class RedisHints(RedisLink link)
{
    private static readonly TimeSpan pause = TimeSpan.FromSeconds(5);

    private readonly Probe probe = new(link);

    /// <summary>Adds a listener. Its subscription is made in the background, because there may be no connection yet.</summary>
    public IHintSubscription Add(string channel, Action<QueueHint> hint)
    {
        var listener = new Listener(link, probe, RedisChannel.Literal(channel), hint);
        probe.Enter();
        _ = listener.SubscribeAsync();
        return listener;
    }

    private sealed class Listener(RedisLink link, Probe probe, RedisChannel channel, Action<QueueHint> hint) : IHintSubscription
    {
        private readonly CancellationTokenSource ended = new();
        private volatile bool isConfirmed;

        /// <summary>The client subscribes again by itself, so once confirmed the subscription stands whenever its connection does.</summary>
        public bool IsHeard => isConfirmed && probe.IsAnswered && link.Current() is { } connection && connection.Hears(channel);

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
                probe.Leave();
                _ = UnsubscribeAsync();
            }
        }

        private async Task<bool> TrySubscribeAsync()
        {
            try
            {
                var connection = await link.OpenAsync(ended.Token).ConfigureAwait(false);
                // Version 2 never ends a subscription that was under way when its connection hung.
                await connection.SubscribeAsync(channel, Hear).WaitAsync(link.CallTimeout, link.Time, ended.Token).ConfigureAwait(false);
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
                    await connection.UnsubscribeAsync(channel, Hear).WaitAsync(link.CallTimeout, link.Time).ConfigureAwait(false);
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

    /// <summary>
    /// Asks the connection of the subscriptions, while there are any, whether it still lives. Version 2 of the client asks as well and does not wait for the answer, so it
    /// notices a connection that hangs only by a call of ours that had none in time.
    /// </summary>
    private sealed class Probe(RedisLink link)
    {
        private readonly Lock gate = new();
        private volatile bool isAnswered = true;
        private int listeners;
        private bool isRunning;

        public bool IsAnswered => isAnswered;

        public void Enter()
        {
            lock (gate)
            {
                listeners++;
                if (!isRunning)
                {
                    isRunning = isAnswered = true;
                    _ = RunAsync();
                }
            }
        }

        public void Leave()
        {
            lock (gate)
            {
                listeners--;
            }
        }

        private async Task RunAsync()
        {
            while (IsWanted())
            {
                await Task.Delay(link.CallTimeout, link.Time).ConfigureAwait(false);
                if (link.Current() is { } connection)
                {
                    isAnswered = await IsAnsweredAsync(connection).ConfigureAwait(false);
                }
            }
        }

        private bool IsWanted()
        {
            lock (gate)
            {
                return isRunning = listeners > 0;
            }
        }

        private async Task<bool> IsAnsweredAsync(RedisConnection connection)
        {
            try
            {
                await connection.PingSubscriptionsAsync().WaitAsync(link.CallTimeout, link.Time).ConfigureAwait(false);
                return true;
            }
            catch (Exception)
            {
                // The client was asked for nothing but this, and makes the connection anew by itself.
                return false;
            }
        }
    }
}
