using Xunit;

namespace ReliableQueue.Redis.Tests.Calls;

/// <summary>Every call of a canned life is answered with every error a server has: <see cref="CallSweep"/>.</summary>
public sealed class RefusedCallTests(SharedRedis redis)
{
    public static TheoryData<string> Ends => [.. CallEnd.All.Where(end => end.Error is not null).Select(end => end.Name)];

    [Theory]
    [MemberData(nameof(Ends))]
    public Task A_call_the_server_refuses_was_certainly_not_done_and_is_done_when_it_is_repeated(string name) => Task.WhenAll(CallSweep.Times.Select(async times =>
    {
        await using var proxy = new RespFaultProxy(redis.Server.Host, redis.Server.Port);
        await using var link = CallSweep.Open(proxy, TimeSpan.FromSeconds(20));
        for (var call = 1; call <= CallSweep.Calls; call++)
        {
            await new CallSweep(redis).RunAsync(proxy, link, CallEnd.Named(name), call, times);
        }
    }));
}
