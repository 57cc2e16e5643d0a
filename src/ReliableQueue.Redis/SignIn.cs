using System.Security.Authentication;

namespace ReliableQueue.Redis;

/// <summary>
/// Asks a server by hand what the library asks when it connects. The library only says that there is no connection, now one way and now another, and somebody with a wrong
/// password, an expired certificate, too small a role or one client too many looks for a broken network.
/// </summary>
internal static class SignIn
{
    // Without these the library takes a connection for broken. What else it asks may be refused, SUBSCRIBE included: polling finds what hints would have told.
    private static readonly string[][] needed = [["ECHO", "rq"], ["PING"], ["INFO", "server"]];

    /// <summary>Why the server refuses us, or we its certificate; null when neither is so or it cannot be asked.</summary>
    /// <param name="source">Where the connection that failed came from.</param>
    /// <param name="settings">What is known of it.</param>
    /// <param name="timeout">Longest wait for one answer.</param>
    public static Exception? RefusalOf(ConnectionSource source, ConnectionSettings settings, TimeSpan timeout)
    {
        if (!settings.HasUsablePassword)
        {
            return null;
        }

        try
        {
            using var connection = RespConnection.Open(settings.Endpoints[0], settings, timeout);
            foreach (var command in needed)
            {
                _ = connection.Ask(command);
            }

            return null;
        }
        catch (RespException refusal)
        {
            return refusal;
        }
        catch (AuthenticationException refusal)
        {
            // A connection of the application may trust by a callback that is not known here.
            return source.CanReplace ? new AuthenticationException($"TLS failed, and nothing was sent. {refusal.Message}", refusal) : null;
        }
        catch (Exception fault) when (RespNetwork.IsBroken(fault))
        {
            return null;
        }
    }
}
