using Microsoft.Extensions.Logging;

namespace ReliableQueue.Diagnostics;

internal static partial class QueueLog
{
    [LoggerMessage(300, LogLevel.Warning, "The handler of {Type} {Id} on queue {Queue} ran past its time limit; its token fired.")]
    public static partial void HandlerTimedOut(ILogger logger, string queue, string type, object id);

    [LoggerMessage(301, LogLevel.Error, "The handler of {Type} {Id} on queue {Queue} ignores its token: its lease is no longer renewed and its slot stays taken until it returns.")]
    public static partial void HandlerIgnoresItsToken(ILogger logger, string queue, string type, object id);

    [LoggerMessage(302, LogLevel.Error, "A service of the handler of {Type} {Id} on queue {Queue} threw while it was disposed, at delivery {DeliveryCount}; how the delivery ends stays.")]
    public static partial void ScopeFailed(ILogger logger, string queue, string type, object id, int deliveryCount, Exception exception);

    [LoggerMessage(304, LogLevel.Error, "A retry rule or the retry policy of queue {Queue} threw for a failure of {Type} {Id}; the queue's own backoff decides.")]
    public static partial void RetryPolicyFailed(ILogger logger, string queue, string type, object id, Exception exception);

    [LoggerMessage(303, LogLevel.Error, "Code that the handler of {Id} on queue {Queue} registered on its token threw; the token fired all the same.")]
    public static partial void TokenCallbackFailed(ILogger logger, string queue, object id, Exception exception);

    [LoggerMessage(305, LogLevel.Warning, "Message {Id} on queue {Queue} was enqueued by a newer version of ReliableQueue. {Fault} Such messages are released for newer workers, uncounted, and are not logged again by this worker: update it.")]
    public static partial void EnvelopeNewer(ILogger logger, string queue, object id, string fault);
}
