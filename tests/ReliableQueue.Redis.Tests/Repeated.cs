using ReliableQueue.Broker;
using ReliableQueue.TestKit;

namespace ReliableQueue.Redis.Tests;

/// <summary>Calls to a broker whose network fails.</summary>
internal static class Repeated
{
    /// <summary>Repeats a call until it is answered, as every caller does.</summary>
    public static async Task<T> UntilAnsweredAsync<T>(Func<Task<T>> call)
    {
        T? answer = default;
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    answer = await call();
                    return true;
                }
                catch (BrokerException)
                {
                    return false;
                }
            },
            "the call is answered",
            TimeSpan.FromSeconds(30));
        return answer ?? throw new InvalidOperationException("No answer.");
    }
}
