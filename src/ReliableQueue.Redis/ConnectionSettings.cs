using System.Net;

namespace ReliableQueue.Redis;

/// <summary>What can be read from a connection without using it: enough to open a socket beside it and to judge how safe it is.</summary>
internal sealed record ConnectionSettings(
    IReadOnlyList<RedisEndpoint> Endpoints, bool Ssl, string? SslHost, string? User, string? Password, int Database)
{
    /// <summary>Some client versions hide the password of a connection behind asterisks.</summary>
    public bool HasUsablePassword => string.IsNullOrEmpty(Password) || Password.AsSpan().ContainsAnyExcept('*');

    public string EndpointText => string.Join(',', Endpoints);

    public bool IsLoopback => Endpoints.All(endpoint =>
        endpoint.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(endpoint.Host, out var address) && IPAddress.IsLoopback(address)));

    /// <summary>Without the password, which a record would print with the rest.</summary>
    public override string ToString() => EndpointText;
}
