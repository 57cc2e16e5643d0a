using ReliableQueue.TestKit;

namespace ReliableQueue.ConsumerTests;

/// <summary>An application that is compiled to machine code, with every warning an error. Needs a linker: gcc or clang.</summary>
public sealed class NativeTests(PackageFeed feed)
{
    [Fact]
    public async Task A_native_application_handles_a_message_on_each_broker()
    {
        var application = await feed.NativeAsync("Native", Clients.Newest);
        await using var redis = await RedisServer.StartAsync("--appendonly", "yes", "--maxmemory-policy", "noeviction");
        foreach (var broker in (string[])["sqlite", redis.Configuration])
        {
            using var running = application.Start(broker);
            await running.WaitForLineAsync("handled hello");
            await running.WaitForLineAsync("stopped");
            await running.WaitForExitAsync();
            Assert.Equal(0, running.ExitCode);
        }
    }
}
