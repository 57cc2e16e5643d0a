using System.Globalization;
using System.Net;

namespace ReliableQueue.Redis;

/// <summary>One server's address as configured.</summary>
internal readonly record struct RedisEndpoint(string Host, int Port)
{
    public static RedisEndpoint From(EndPoint endpoint) => endpoint switch
    {
        DnsEndPoint dns => new RedisEndpoint(dns.Host, PortOf(dns.Port)),
        IPEndPoint ip => new RedisEndpoint(ip.Address.ToString(), PortOf(ip.Port)),
        _ => new RedisEndpoint(endpoint.ToString() ?? "unknown", PortOf(0)),
    };

    /// <summary>Reads the address in a redirect, for example <c>10.0.0.5:6379</c>; an empty host means the server that answered.</summary>
    public static RedisEndpoint Parse(string text, string answeringHost)
    {
        var colon = text.LastIndexOf(':');
        var host = text[..colon].Trim('[', ']');
        return new RedisEndpoint(host.Length == 0 ? answeringHost : host, int.Parse(text.AsSpan(colon + 1), CultureInfo.InvariantCulture));
    }

    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    private static int PortOf(int configured) => configured == 0 ? 6379 : configured;
}
