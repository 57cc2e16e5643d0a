namespace ReliableQueue.Redis;

/// <summary>What a server says of itself in the answer to INFO.</summary>
internal sealed class ServerReport
{
    private readonly Dictionary<string, string> fields = new(StringComparer.Ordinal);

    public ServerReport(string server, string text)
    {
        Server = server;
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && line[0] != '#')
            {
                fields[line[..colon]] = line[(colon + 1)..];
            }
        }
    }

    /// <summary>Its address.</summary>
    public string Server { get; }

    public string? this[string field] => fields.GetValueOrDefault(field);

    public bool IsValkey => this["valkey_version"] is not null || this["server_name"] == "valkey";

    public bool IsGarnet => this["garnet_version"] is not null;

    public bool IsReplica => this["role"] == "slave";

    public Version? Version => Version.TryParse(this["redis_version"], out var version) ? version : null;
}
