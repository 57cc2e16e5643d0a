using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using StackExchange.Redis;

namespace ReliableQueue.Redis;

/// <summary>The server answered a command with an error.</summary>
internal sealed class RespException(string text) : Exception(text);

/// <summary>
/// One socket to one server, signed in as the configuration says. Calls wait on the calling thread: nothing here needs one of the pool. Any exception but
/// <see cref="RespException"/> ends its use.
/// </summary>
internal sealed class RespConnection : IDisposable
{
    private readonly Stream stream;
    private readonly RespReader reader;

    private RespConnection(Stream stream)
    {
        this.stream = stream;
        reader = new RespReader(stream);
    }

    /// <summary>Whether a call was answered. One that was not may still be refused by its server, for example for a certificate it misses.</summary>
    public bool HasAnswered { get; private set; }

    /// <param name="endpoint">The server.</param>
    /// <param name="options">TLS, user and password. Read now, so that what a provider of passwords gives is fresh.</param>
    /// <param name="database">The database of the queues.</param>
    /// <param name="timeout">Longest wait for the server, each time.</param>
    public static RespConnection Open(EndPoint endpoint, ConfigurationOptions options, int database, TimeSpan timeout)
    {
        Stream stream = new PolledStream(Connect(endpoint, timeout), timeout);
        try
        {
            if (options.Ssl)
            {
                stream = Secure(stream, endpoint, options);
            }

            var connection = new RespConnection(stream);
            connection.SignIn(options.User, options.Password, database);
            return connection;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Runs a script by its hash, and by its text when the server does not know it.</summary>
    public byte[][] Evaluate(RedisScript script, string[] keys, byte[][] arguments)
    {
        try
        {
            return Call(ScriptCall("EVALSHA", Encoding.ASCII.GetBytes(Convert.ToHexStringLower(script.Hash)), keys, arguments));
        }
        catch (RespException fault) when (RedisErrors.IsUnknownScript(fault.Message))
        {
            return Call(ScriptCall("EVAL", Encoding.UTF8.GetBytes(script.Text), keys, arguments));
        }
    }

    public void Ping() => _ = Ask("PING");

    public void Dispose() => stream.Dispose();

    private static SslStream Secure(Stream stream, EndPoint endpoint, ConfigurationOptions options)
    {
        var host = !string.IsNullOrEmpty(options.SslHost) ? options.SslHost : endpoint switch
        {
            DnsEndPoint dns => dns.Host,
            IPEndPoint ip => ip.Address.ToString(),
            _ => endpoint.ToString() ?? "",
        };
        var secured = new SslStream(stream);
        secured.AuthenticateAsClient(options.SslClientAuthenticationOptions?.Invoke(host) ?? new SslClientAuthenticationOptions
        {
            TargetHost = host,
            EnabledSslProtocols = options.SslProtocols ?? SslProtocols.None,
            CertificateRevocationCheckMode = options.CheckCertificateRevocation ? X509RevocationMode.Online : X509RevocationMode.NoCheck,
        });
        return secured;
    }

    private static Socket Connect(EndPoint endpoint, TimeSpan timeout)
    {
        Exception? last = null;
        foreach (var address in endpoint is DnsEndPoint dns ? Dns.GetHostAddresses(dns.Host).Select(EndPoint (found) => new IPEndPoint(found, dns.Port)) : [endpoint])
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, address is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified) { Blocking = false };
            try
            {
                socket.NoDelay = address is IPEndPoint;
                // A blocking connect would wait as long as the operating system likes; so it is begun, and waited for by hand.
                Begin(socket, address);
                if (!socket.Poll(timeout, SelectMode.SelectWrite))
                {
                    throw new SocketException((int)SocketError.TimedOut);
                }

                var error = (int)(socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error) ?? 0);
                if (error != 0)
                {
                    throw new SocketException(error);
                }

                return socket;
            }
            catch (SocketException fault)
            {
                last = fault;
                socket.Dispose();
            }
        }

        throw last ?? new SocketException((int)SocketError.HostNotFound);
    }

    private static void Begin(Socket socket, EndPoint address)
    {
        try
        {
            socket.Connect(address);
        }
        catch (SocketException begun) when (begun.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            // Under way.
        }
    }

    private void SignIn(string? user, string? password, int database)
    {
        if (!string.IsNullOrEmpty(password))
        {
            _ = string.IsNullOrEmpty(user) ? Ask("AUTH", password) : Ask("AUTH", user, password);
        }

        if (database != 0)
        {
            _ = Ask("SELECT", database.ToString(CultureInfo.InvariantCulture));
        }
    }

    private byte[][] Call(byte[][] words)
    {
        using var request = new MemoryStream();
        request.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"*{words.Length}\r\n")));
        foreach (var word in words)
        {
            request.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"${word.Length}\r\n")));
            request.Write(word);
            request.Write("\r\n"u8);
        }

        stream.Write(request.GetBuffer(), 0, (int)request.Length);
        stream.Flush();
        try
        {
            var answer = reader.Read();
            HasAnswered = true;
            return answer;
        }
        catch (RespException)
        {
            HasAnswered = true;
            throw;
        }
    }

    private static byte[][] ScriptCall(string command, byte[] script, string[] keys, byte[][] arguments) =>
        [Encoding.ASCII.GetBytes(command), script, ScriptArguments.Number(keys.Length), .. keys.Select(Encoding.UTF8.GetBytes), .. arguments];

    private byte[][] Ask(params string[] words) => Call(Array.ConvertAll(words, Encoding.UTF8.GetBytes));
}
