using System.Threading.Channels;

namespace ReliableQueue.Tests.DependencyInjection;

/// <summary>What handlers write into and tests read from.</summary>
internal sealed class Guestbook
{
    private readonly Channel<string> names = Channel.CreateUnbounded<string>();

    public void Sign(string name) => names.Writer.TryWrite(name);

    public Task<string> NextAsync() => names.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(20));
}
