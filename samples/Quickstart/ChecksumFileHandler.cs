using System.Security.Cryptography;
using ReliableQueue;

namespace Quickstart;

internal sealed class ChecksumFileHandler(EffectLog effects, SignalWriter signals) : IMessageHandler<ChecksumFile>
{
    public async Task HandleAsync(ChecksumFile message, MessageContext context, CancellationToken cancellationToken)
    {
        signals.Entered(context);
        if (!File.Exists(message.Path))
        {
            // Trying again cannot help, so it goes to the dead letters at once.
            throw new RejectMessageException($"There is no file '{message.Path}'.");
        }

        await using var file = File.OpenRead(message.Path);
        var checksum = await SHA256.HashDataAsync(file, cancellationToken);
        effects.Append(context.Id, checksum);
    }
}
