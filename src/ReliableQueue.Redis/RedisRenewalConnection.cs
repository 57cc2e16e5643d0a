using System.Security.Authentication;
using ReliableQueue.Broker;

namespace ReliableQueue.Redis;

/// <summary>
/// Renews over a blocking socket of its own. The library reads its replies on the thread pool, so with the pool blocked every call through it times out, and
/// leases of healthy handlers would end.
/// </summary>
internal sealed class RedisRenewalConnection(RedisLink link, Func<QueueName, RedisKeys> keysOf, RedisScript script) : IRenewalConnection
{
    private readonly RespNetwork network = new(link.CallTimeout);
    private bool shares;

    public RenewReply Renew(RenewRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var (queue, leases, visibilityTimeout) = request;
        var keys = keysOf(queue).Renew;
        byte[][] arguments = [ScriptArguments.Milliseconds(visibilityTimeout), .. leases.Select(ScriptArguments.Member)];
        var settings = link.Current()?.Settings ?? link.Source.Settings;
        try
        {
            return new RenewReply(ScriptReply.Digits<RenewResult>(Evaluate(settings, queue, keys, arguments), leases.Count));
        }
        catch (Exception fault) when (fault is not BrokerException)
        {
            var kind = fault is RespException ? RedisErrors.FaultOf(fault.Message) : StackExchangeClient.FaultOf(fault) ?? BrokerFault.Unknown;
            throw new BrokerException(kind, link.Text("renew", queue, settings, fault), fault);
        }
    }

    public void Dispose() => network.Dispose();

    private byte[][] Evaluate(ConnectionSettings? settings, QueueName queue, string[] keys, byte[][] arguments)
    {
        if (settings is null)
        {
            throw new BrokerException(BrokerFault.NotApplied, $"Redis, queue '{queue}', renew: the connection factory has not given a connection yet.");
        }

        if (!shares && settings.HasUsablePassword)
        {
            try
            {
                return network.Evaluate(settings, queue, script, keys, arguments);
            }
            catch (Exception fault) when (link.Current() is { IsConnected: true } && CannotSignIn(fault))
            {
                // The main connection got in with something that is not in its configuration: a callback, a client certificate, a user name.
                RedisLog.RenewalsShare(link.Log, settings.EndpointText, fault.Message);
                shares = true;
            }
        }

        var client = link.Current() ?? throw new BrokerException(BrokerFault.NotApplied, $"Redis, queue '{queue}', renew: there is no connection yet.");
        return client.Evaluate(script, keys, arguments);
    }

    private static bool CannotSignIn(Exception fault) => fault is AuthenticationException
        || (fault is RespException && (fault.Message.StartsWith("NOAUTH", StringComparison.Ordinal)
            || fault.Message.StartsWith("WRONGPASS", StringComparison.Ordinal)
            || fault.Message.StartsWith("NOPERM", StringComparison.Ordinal)
            || fault.Message.StartsWith("ERR invalid password", StringComparison.Ordinal)));
}
