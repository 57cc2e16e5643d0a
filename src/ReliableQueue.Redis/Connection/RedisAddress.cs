using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using StackExchange.Redis;

namespace ReliableQueue.Redis;

/// <summary>
/// What an application configures, read: the format of StackExchange.Redis, or an address as hosting providers hand it out
/// (<c>rediss://user:password@host:6379/0</c>). Its text names servers and never a secret.
/// </summary>
internal sealed partial class RedisAddress
{
    private const int DefaultPort = 6379;

    private RedisAddress(ConfigurationOptions options)
    {
        Options = options;
        for (var i = 0; i < options.EndPoints.Count; i++)
        {
            options.EndPoints[i] = WithPort(options.EndPoints[i], !string.IsNullOrEmpty(options.ServiceName) ? 26_379 : options.Ssl ? 6380 : DefaultPort);
        }

        var servers = string.Join(',', options.EndPoints.Select(TextOf));
        Text = string.IsNullOrEmpty(options.ServiceName) ? servers : $"{servers}/{options.ServiceName}";
    }

    public ConfigurationOptions Options { get; }

    /// <summary>The servers, and with Sentinel the name of the primary they watch.</summary>
    public string Text { get; }

    public int Database => Options.DefaultDatabase ?? 0;

    public bool IsLoopback => Options.EndPoints.All(IsLoopbackAt);

    public static RedisAddress Of(ConfigurationOptions options) => new(options);

    /// <exception cref="FormatException">It is no address; the text repeats nothing of it but the name of an option.</exception>
    /// <exception cref="ArgumentException">StackExchange.Redis refuses it; its text may repeat a part of a password.</exception>
    public static RedisAddress Parse(string configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var end = configuration.IndexOf("://", StringComparison.Ordinal);
        return new RedisAddress(end < 0
            ? ConfigurationOptions.Parse(configuration)
            : ParseUri(configuration[..end].Trim().ToLowerInvariant(), configuration[(end + 3)..].Trim()));
    }

    /// <summary>What is wrong with a configuration, or null. Never repeats it.</summary>
    public static string? FaultOf(string configuration)
    {
        try
        {
            return !string.IsNullOrWhiteSpace(configuration) && Parse(configuration).Options.EndPoints.Count > 0 ? null : "it names no server.";
        }
        catch (FormatException fault) when (configuration.Contains("://", StringComparison.Ordinal))
        {
            return fault.Message;
        }
        catch (Exception fault) when (fault is ArgumentException or FormatException or OverflowException)
        {
            return "one of its options is not known to the StackExchange.Redis in use, or its value is not allowed.";
        }
    }

    public static string TextOf(EndPoint? endpoint) => endpoint switch
    {
        DnsEndPoint dns => $"{dns.Host}:{dns.Port}",
        _ => endpoint?.ToString() ?? "an unknown address",
    };

    /// <summary>Its options hold the password, so a text made by default must not show them.</summary>
    public override string ToString() => Text;

    /// <summary>With the port that the client would take when none is given.</summary>
    private static EndPoint WithPort(EndPoint endpoint, int port) => endpoint switch
    {
        DnsEndPoint { Port: 0 } dns => new DnsEndPoint(dns.Host, port, dns.AddressFamily),
        IPEndPoint { Port: 0 } ip => new IPEndPoint(ip.Address, port),
        _ => endpoint,
    };

    private static bool IsLoopbackAt(EndPoint endpoint) => endpoint switch
    {
        DnsEndPoint dns => dns.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase),
        IPEndPoint ip => IPAddress.IsLoopback(ip.Address),
        // A socket file of this machine.
        _ => true,
    };

    private static ConfigurationOptions ParseUri(string scheme, string rest)
    {
        if (scheme is not ("redis" or "rediss" or "valkey" or "valkeys"))
        {
            throw new FormatException("its scheme is not redis:// or rediss:// (with TLS).");
        }

        // Providers encode what would be read as something else, but not all of them do: the last @ ends the password, whatever is in it.
        // An option behind '?' may hold one as well, so options are cut off first: the first '?' that an option follows.
        var query = QueryStart().Match(rest) is { Success: true } start ? start.Index : -1;
        var options = query < 0 ? new ConfigurationOptions() : ParseQuery(rest[(query + 1)..]);
        rest = query < 0 ? rest : rest[..query];
        var at = rest.LastIndexOf('@');
        var place = rest[(at + 1)..];
        var slash = place.IndexOf('/', StringComparison.Ordinal);
        options.Ssl |= scheme is "rediss" or "valkeys";
        if (slash >= 0 && place.Length > slash + 1)
        {
            options.DefaultDatabase = int.TryParse(place.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var database)
                ? database
                : throw new FormatException("what follows the host and '/' must be the number of a database.");
        }

        if (at >= 0)
        {
            var colon = rest.IndexOf(':', 0, at);
            options.User = colon == 0 ? null : Uri.UnescapeDataString(rest[..(colon < 0 ? at : colon)]);
            options.Password = colon < 0 ? null : Uri.UnescapeDataString(rest[(colon + 1)..at]);
        }

        foreach (var server in (slash < 0 ? place : place[..slash]).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            AddServer(options.EndPoints, server);
        }

        return options;
    }

    private static void AddServer(EndPointCollection endpoints, string server)
    {
        var colon = server.EndsWith(']') ? -1 : server.LastIndexOf(':');
        var port = DefaultPort;
        if (colon >= 0 && (!int.TryParse(server.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is 0 or > 65_535))
        {
            throw new FormatException("a port must be a number from 1 to 65535.");
        }

        endpoints.Add((colon < 0 ? server : server[..colon]).Trim('[', ']'), port);
    }

    /// <summary>What stands behind '?' are options of StackExchange.Redis.</summary>
    private static ConfigurationOptions ParseQuery(string query)
    {
        var pairs = query.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2)).ToArray();
        foreach (var pair in pairs)
        {
            try
            {
                _ = ConfigurationOptions.Parse(Option(pair));
            }
            catch (Exception fault) when (fault is ArgumentException or FormatException or OverflowException)
            {
                throw new FormatException($"the option '{RedisKeys.Shown(pair[0])}' behind '?' is not known to the StackExchange.Redis in use, or its value is not allowed.");
            }
        }

        return ConfigurationOptions.Parse(string.Join(',', pairs.Select(Option)));
    }

    private static string Option(string[] pair) => pair.Length == 2 && !pair[1].Contains(',', StringComparison.Ordinal)
        ? $"{pair[0]}={Uri.UnescapeDataString(pair[1])}"
        : throw new FormatException($"the option '{RedisKeys.Shown(pair[0])}' behind '?' must have one value.");

    [GeneratedRegex(@"\?(?=[A-Za-z]*(?:=|&|\z))", RegexOptions.CultureInvariant)]
    private static partial Regex QueryStart();
}
