using System.Globalization;
using ReliableQueue.Broker;

namespace ReliableQueue.TestKit;

/// <summary>Cuts what a broker in memory keeps into the pages of <see cref="IQueueAdmin.BrowseAsync"/>: the cursor is how many were read.</summary>
public static class Pages
{
    public static BrowseReply Of(IReadOnlyList<StoredMessage> all, BrowseRequest request)
    {
        if (request.State != MessageState.DeadLettered)
        {
            throw new NotSupportedException($"This broker cannot browse messages that are {request.State}.");
        }

        var skip = request.Cursor is null ? 0
            : int.TryParse(request.Cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var read) ? read
            : throw new ArgumentException($"'{request.Cursor}' is no cursor of this broker.", nameof(request));
        StoredMessage[] messages = [.. all.Skip(skip).Take(request.Take)];
        return new BrowseReply(messages, messages.Length < request.Take ? null : (skip + messages.Length).ToString(CultureInfo.InvariantCulture));
    }
}
