namespace ReliableQueue.Redis;

/// <summary>Who waits for hints on which channel. Follows the link from connection to connection; what it misses in between, polling finds.</summary>
internal sealed class HintBoard(RedisLink link)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, List<Action>> listeners = [];
    private readonly HashSet<string> subscribed = [];
    private StackExchangeClient? attached;
    private bool changed;

    /// <summary>Adds a listener. The subscription is made beside the next call, because there may be no connection yet.</summary>
    public IDisposable Add(string channel, Action hint)
    {
        lock (gate)
        {
            if (!listeners.TryGetValue(channel, out var list))
            {
                listeners[channel] = list = [];
            }

            list.Add(hint);
            changed = true;
        }

        if (link.Current() is { } client)
        {
            Attach(client);
        }

        return new HintSubscription(this, channel, hint);
    }

    public void Remove(string channel, Action hint)
    {
        StackExchangeClient? client = null;
        lock (gate)
        {
            if (listeners.TryGetValue(channel, out var list) && list.Remove(hint) && list.Count == 0)
            {
                listeners.Remove(channel);
                client = subscribed.Remove(channel) ? attached : null;
            }
        }

        if (client is not null)
        {
            Forget(client.UnsubscribeAsync, channel);
        }
    }

    /// <summary>Subscribes what is not yet subscribed on this connection. Called after every answered call, so it costs one comparison when nothing changed.</summary>
    public void Attach(StackExchangeClient client)
    {
        if (ReferenceEquals(Volatile.Read(ref attached), client) && !Volatile.Read(ref changed))
        {
            return;
        }

        List<string> missing;
        lock (gate)
        {
            if (attached is null || !client.IsSameConnection(attached))
            {
                subscribed.Clear();
            }

            // A factory may answer with the connection it gave before; subscribing there again would call every hint once more for each time.
            attached = client;

            changed = false;
            missing = [.. listeners.Keys.Where(subscribed.Add)];
        }

        foreach (var channel in missing)
        {
            Forget(name => client.SubscribeAsync(name, () => Call(name)), channel);
        }
    }

    private void Call(string channel)
    {
        Action[] hints;
        lock (gate)
        {
            hints = listeners.TryGetValue(channel, out var list) ? [.. list] : [];
        }

        foreach (var hint in hints)
        {
            hint();
        }
    }

    /// <summary>A subscription that fails is tried again beside the next call.</summary>
    private async void Forget(Func<string, Task> act, string channel)
    {
        try
        {
            await act(channel).ConfigureAwait(false);
        }
        catch (Exception)
        {
            lock (gate)
            {
                subscribed.Remove(channel);
                changed = true;
            }
        }
    }
}
