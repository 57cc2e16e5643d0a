using Xunit;

namespace ReliableQueue.Redis.Tests.Calls;

/// <summary>Every call of a canned life is lost in every way a connection can lose it, before it is done or after: <see cref="CallSweep"/>.</summary>
public sealed class LostCallTests(SharedRedis redis)
{
    private static readonly TimeSpan callTimeout = TimeSpan.FromMilliseconds(500);

    public static TheoryData<string> Ends => [.. CallEnd.All.Where(end => end.Error is null).Select(end => end.Name)];

    [Theory]
    [MemberData(nameof(Ends))]
    public Task A_call_whose_connection_fails_is_of_unknown_end_and_is_done_once_when_it_is_repeated(string name) =>
        Task.WhenAll(CallSweep.Times.SelectMany(times => Enumerable.Range(1, CallSweep.Calls).Select(async call =>
        {
            await using var proxy = new RespFaultProxy(redis.Server.Host, redis.Server.Port);
            await using var link = CallSweep.Open(proxy, callTimeout);
            await new CallSweep(redis).RunAsync(proxy, link, CallEnd.Named(name), call, times);
        })));
}
