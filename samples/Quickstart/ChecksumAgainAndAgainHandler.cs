using System.Diagnostics;
using System.Security.Cryptography;
using ReliableQueue;

namespace Quickstart;

internal sealed class ChecksumAgainAndAgainHandler(EffectLog effects, SignalWriter signals) : IMessageHandler<ChecksumAgainAndAgain>
{
    public async Task HandleAsync(ChecksumAgainAndAgain message, MessageContext context, CancellationToken cancellationToken)
    {
        signals.Entered(context);
        var content = await File.ReadAllBytesAsync(message.Path, cancellationToken);
        var checksum = Hash(content, message.Duration / 2, cancellationToken);
        signals.Say(SignalWord.Halfway, context.Id);
        Hash(content, message.Duration / 2, cancellationToken);
        effects.Append(context.Id, checksum);
    }

    private static byte[] Hash(byte[] content, TimeSpan duration, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        byte[] checksum;
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            checksum = SHA256.HashData(content);
        }
        while (Stopwatch.GetElapsedTime(started) < duration);
        return checksum;
    }
}
