using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using ReliableQueue.Broker;

namespace ReliableQueue.Redis;

/// <summary>
/// Renews over blocking sockets of its own, one per server it needs. The client reads its replies on the thread pool, so with the pool blocked every call through it times out,
/// and leases of healthy handlers would end. Where a socket cannot get in, renewals share the client's connection. Used by one thread.
/// </summary>
internal sealed class RedisRenewalConnection(RedisLink link, Func<QueueName, RedisKeys> keysOf, RedisScript script) : IRenewalConnection
{
    // A socket that cannot get in waits for the server on the thread that renews, so it is not tried for each renewal.
    private static readonly TimeSpan pause = TimeSpan.FromMinutes(1);

    private readonly Dictionary<EndPoint, RespConnection> sockets = [];
    private long? sharesSince;
    private bool said;

    public RenewReply Renew(RenewRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var (queue, leases, visibilityTimeout) = request;
        var keys = keysOf(queue).Renew;
        byte[][] arguments = [ScriptArguments.Milliseconds(visibilityTimeout), .. leases.Select(ScriptArguments.Member)];
        try
        {
            return new RenewReply(ScriptReply.Digits<RenewResult>(Evaluate(keys, arguments), leases.Count));
        }
        catch (Exception fault) when (fault is not BrokerException)
        {
            var kind = fault switch
            {
                RespException => RedisErrors.FaultOf(fault.Message),
                AuthenticationException => BrokerFault.Refused,
                _ => RedisErrors.FaultOf(fault, wasConnected: true),
            };
            throw new BrokerException(kind, $"{link.PlaceOf("renew", queue)}: {(fault is AuthenticationException ? RedisErrors.TextOf(fault) : fault.Message)}", fault);
        }
    }

    public void Dispose()
    {
        foreach (var socket in sockets.Values)
        {
            socket.Dispose();
        }

        sockets.Clear();
    }

    private byte[][] Evaluate(string[] keys, byte[][] arguments)
    {
        var connection = link.Current();
        var address = connection?.Address ?? link.Source.Address;
        if (address is null || (sharesSince is { } since && link.Time.GetElapsedTime(since) < pause))
        {
            Say(connection, "the connection of the application does not tell how to reach its servers.");
            return link.Evaluate(script, keys, arguments);
        }

        // Sentinels are never asked: they know no lease. Where the client knows no primary yet, nothing was leased by it either.
        var endpoint = connection?.PrimaryOf(keys[0]) ?? (string.IsNullOrEmpty(address.Options.ServiceName) ? address.Options.EndPoints[0] : null);
        if (endpoint is null)
        {
            return link.Evaluate(script, keys, arguments);
        }

        var socket = sockets.GetValueOrDefault(endpoint);
        try
        {
            socket ??= sockets[endpoint] = RespConnection.Open(endpoint, address.Options, link.Source.Database, link.CallTimeout);
            return socket.Evaluate(script, keys, arguments);
        }
        catch (RespException fault) when (socket is not null && connection is { IsConnected: true } && IsElsewhere(fault.Message))
        {
            // The client follows the redirect and learns where the queue lives now, which the next renewal asks it for.
            return link.Evaluate(script, keys, arguments);
        }
        catch (Exception fault) when (connection is { IsConnected: true } && (socket is null or { HasAnswered: false } || IsRefused(fault)))
        {
            // The client got in with something that is not in what it tells of its configuration: a callback, a certificate, a tunnel, a provider of users and passwords. A server
            // that lets the socket in all the same, as its default user, refuses the script.
            Drop(endpoint);
            var answer = link.Evaluate(script, keys, arguments);
            sharesSince = link.Time.GetTimestamp();
            Say(connection, fault.Message);
            return answer;
        }
        catch (Exception fault) when (fault is not RespException)
        {
            // Its replies can no longer be told apart; the next renewal opens another.
            Drop(endpoint);
            throw;
        }
    }

    private void Drop(EndPoint endpoint)
    {
        if (sockets.Remove(endpoint, out var socket))
        {
            socket.Dispose();
        }
    }

    private void Say(RedisConnection? connection, string reason)
    {
        if (!said && connection is not null)
        {
            said = true;
            RedisLog.RenewalsShare(link.Log, connection.Text, reason);
        }
    }

    private static bool IsRefused(Exception fault) =>
        fault is RespException && Array.Exists(["NOAUTH", "NOPERM"], code => fault.Message.StartsWith(code, StringComparison.Ordinal));

    private static bool IsElsewhere(string text) =>
        Array.Exists(["MOVED ", "ASK ", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN"], code => text.StartsWith(code, StringComparison.Ordinal));
}
