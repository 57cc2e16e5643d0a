using ReliableQueue.TestKit;

namespace ReliableQueue.ConsumerTests;

/// <summary>What applications bring along to reach Redis.</summary>
internal static class Clients
{
    /// <summary>The version of StackExchange.Redis that an application gets that asks for none.</summary>
    public const string Newest = "3.4.35";

    /// <summary>Makes the user of a role as docs/operations.md prints it.</summary>
    public static async Task GrantAsync(this RedisServer redis, string role, string password) =>
        Assert.Equal("+OK\r\n", await redis.CommandAsync(Repository.Role(role, password)));
}
