using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace ReliableQueue.Redis;

/// <summary>
/// One socket to one server, signed in. Calls wait on the calling thread: nothing here needs one of the pool. Any exception but <see cref="RespException"/> ends its use.
/// </summary>
internal sealed class RespConnection : IDisposable
{
    private readonly Stream stream;
    private readonly RespReader reader;

    private RespConnection(Stream stream, RedisEndpoint endpoint)
    {
        this.stream = stream;
        Endpoint = endpoint;
        reader = new RespReader(stream);
    }

    public RedisEndpoint Endpoint { get; }

    public static RespConnection Open(RedisEndpoint endpoint, ConnectionSettings settings, TimeSpan timeout)
    {
        Stream stream = new PolledStream(Connect(endpoint, timeout), timeout);
        try
        {
            if (settings.Ssl)
            {
                var secured = new SslStream(stream);
                secured.AuthenticateAsClient(string.IsNullOrEmpty(settings.SslHost) ? endpoint.Host : settings.SslHost);
                stream = secured;
            }

            var connection = new RespConnection(stream, endpoint);
            connection.SignIn(settings);
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

    /// <summary>Sends one command.</summary>
    public byte[][] Ask(params string[] words) => Call(Command(words));

    public void Dispose() => stream.Dispose();

    private static Socket Connect(RedisEndpoint endpoint, TimeSpan timeout)
    {
        Exception? last = null;
        foreach (var address in System.Net.Dns.GetHostAddresses(endpoint.Host))
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, Blocking = false };
            try
            {
                // A blocking connect would wait as long as the operating system likes; so it is begun, and waited for by hand.
                Begin(socket, address, endpoint.Port);
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

    private static void Begin(Socket socket, System.Net.IPAddress address, int port)
    {
        try
        {
            socket.Connect(address, port);
        }
        catch (SocketException begun) when (begun.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            // Under way.
        }
    }

    private void SignIn(ConnectionSettings settings)
    {
        if (!string.IsNullOrEmpty(settings.Password))
        {
            _ = settings.User is { } user ? Ask("AUTH", user, settings.Password) : Ask("AUTH", settings.Password);
        }

        if (settings.Database != 0)
        {
            _ = Ask("SELECT", settings.Database.ToString(CultureInfo.InvariantCulture));
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
        return reader.Read();
    }

    private static byte[][] ScriptCall(string command, byte[] script, string[] keys, byte[][] arguments) =>
        [Encoding.ASCII.GetBytes(command), script, ScriptArguments.Number(keys.Length), .. keys.Select(Encoding.UTF8.GetBytes), .. arguments];

    private static byte[][] Command(params string[] words) => Array.ConvertAll(words, Encoding.UTF8.GetBytes);
}
