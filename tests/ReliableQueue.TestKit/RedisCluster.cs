namespace ReliableQueue.TestKit;

/// <summary>Three nodes of a Redis cluster on this machine, without replicas, each with a third of the slots.</summary>
public sealed class RedisCluster : IAsyncDisposable
{
    private const int Slots = 16_384;

    private RedisCluster(RedisServer[] nodes) => Nodes = nodes;

    public IReadOnlyList<RedisServer> Nodes { get; }

    /// <summary>Starts the nodes and waits until they are one cluster.</summary>
    public static async Task<RedisCluster> StartAsync()
    {
        var cluster = new RedisCluster([await StartNodeAsync(), await StartNodeAsync(), await StartNodeAsync()]);
        try
        {
            await cluster.JoinAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>The slot of a key.</summary>
    public async Task<int> SlotOfAsync(string key) => int.Parse((await Nodes[0].CommandAsync("CLUSTER", "KEYSLOT", key)).Trim(':', '\r', '\n'), null);

    /// <summary>The node a slot was given to when the cluster was formed.</summary>
    public RedisServer FirstHomeOf(int slot) => Nodes[Enumerable.Range(0, Nodes.Count).First(node => slot <= LastSlotOf(node))];

    /// <summary>Both nodes know that the slot moves from one to the other; keys may be on either from now on.</summary>
    public static async Task BeginMoveAsync(int slot, RedisServer from, RedisServer to)
    {
        await OkAsync(to, "CLUSTER", "SETSLOT", Text(slot), "IMPORTING", await IdOfAsync(from));
        await OkAsync(from, "CLUSTER", "SETSLOT", Text(slot), "MIGRATING", await IdOfAsync(to));
    }

    /// <summary>Moves up to so many keys of the slot; returns how many there were to move.</summary>
    public static async Task<int> MoveKeysAsync(int slot, RedisServer from, RedisServer to, int most)
    {
        ArgumentNullException.ThrowIfNull(to);
        var keys = await KeysAsync(slot, from, most);
        if (keys.Length > 0)
        {
            await OkAsync(from, ["MIGRATE", to.Host, Text(to.Port), "", "0", "5000", "KEYS", .. keys]);
        }

        return keys.Length;
    }

    /// <summary>From now on the slot belongs to the node.</summary>
    public async Task EndMoveAsync(int slot, RedisServer to)
    {
        var id = await IdOfAsync(to);
        foreach (var node in Nodes.OrderBy(node => node != to))
        {
            await OkAsync(node, "CLUSTER", "SETSLOT", Text(slot), "NODE", id);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
        {
            await node.DisposeAsync();
        }
    }

    // No test needs a node to be declared dead, and one that gets no processor for seconds is not.
    private static Task<RedisServer> StartNodeAsync() =>
        RedisServer.StartAsync("--cluster-enabled", "yes", "--cluster-node-timeout", "30000", "--maxmemory-policy", "noeviction");

    private async Task JoinAsync()
    {
        for (var i = 0; i < Nodes.Count; i++)
        {
            var first = i == 0 ? 0 : LastSlotOf(i - 1) + 1;
            await OkAsync(Nodes[i], ["CLUSTER", "ADDSLOTS", .. Enumerable.Range(first, LastSlotOf(i) - first + 1).Select(Text)]);
            await OkAsync(Nodes[i], "CLUSTER", "MEET", "127.0.0.1", Text(Nodes[0].Port));
        }

        foreach (var node in Nodes)
        {
            await Eventually.TrueAsync(
                async () => await node.CommandAsync("CLUSTER", "INFO") is var info
                    && info.Contains("cluster_state:ok", StringComparison.Ordinal) && info.Contains("cluster_known_nodes:3", StringComparison.Ordinal),
                "the nodes form a cluster",
                TimeSpan.FromSeconds(60));
        }
    }

    private int LastSlotOf(int node) => ((node + 1) * Slots / Nodes.Count) - 1;

    // An array of texts: every second line but the first is one.
    private static async Task<string[]> KeysAsync(int slot, RedisServer node, int most) =>
        [.. (await node.CommandAsync("CLUSTER", "GETKEYSINSLOT", Text(slot), Text(most))).Split("\r\n").Skip(1).Where((_, line) => line % 2 == 1).Where(key => key.Length > 0)];

    private static async Task<string> IdOfAsync(RedisServer node) => (await node.CommandAsync("CLUSTER", "MYID")).Split("\r\n")[1];

    private static async Task OkAsync(RedisServer node, params string[] words)
    {
        var answer = await node.CommandAsync(words);
        if (!answer.StartsWith("+OK", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"{words[0]} {words[1]}: {answer}");
        }
    }

    private static string Text(int number) => number.ToString(null, null);
}
