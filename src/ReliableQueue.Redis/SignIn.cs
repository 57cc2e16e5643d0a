using System.Security.Authentication;
using ReliableQueue.Broker;

namespace ReliableQueue.Redis;

/// <summary>
/// Asks a server by hand whether it accepts the credentials. The library only says that there is no connection, now one way and now another, and somebody with a wrong
/// password looks for a broken network.
/// </summary>
internal static class SignIn
{
    /// <summary>What the server answers to credentials it refuses; null when it accepts them or cannot be asked.</summary>
    public static RespException? RefusalOf(ConnectionSettings settings, TimeSpan timeout)
    {
        if (string.IsNullOrEmpty(settings.Password) || !settings.HasUsablePassword)
        {
            return null;
        }

        try
        {
            using var connection = RespConnection.Open(settings.Endpoints[0], settings, timeout);
            return null;
        }
        catch (RespException refusal)
        {
            return RedisErrors.FaultOf(refusal.Message) == BrokerFault.Refused ? refusal : null;
        }
        catch (Exception fault) when (RespNetwork.IsBroken(fault) || fault is AuthenticationException)
        {
            return null;
        }
    }
}
