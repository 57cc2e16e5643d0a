namespace ReliableQueue.Diagnostics;

/// <summary>Attribute names and the closed sets of their values.</summary>
internal static class TelemetryNames
{
    public const string System = "messaging.system";
    public const string OperationName = "messaging.operation.name";
    public const string OperationType = "messaging.operation.type";
    public const string Destination = "messaging.destination.name";
    public const string MessageId = "messaging.message.id";
    public const string BatchMessageCount = "messaging.batch.message_count";
    public const string ErrorType = "error.type";
    public const string MessageType = "reliablequeue.message.type";
    public const string DeliveryCount = "reliablequeue.delivery.count";
    public const string Outcome = "reliablequeue.settlement.outcome";
    public const string RedeliveryReason = "reliablequeue.redelivery.reason";
    public const string MessageState = "reliablequeue.message.state";
    public const string WorkerName = "reliablequeue.worker.name";

    /// <summary>Operations, as in the glossary.</summary>
    public static class Operation
    {
        public const string Enqueue = "enqueue";
        public const string Lease = "lease";
        public const string Process = "process";
        public const string Ack = "ack";
        public const string Retry = "retry";
        public const string Release = "release";
        public const string DeadLetter = "dead_letter";

        /// <summary>The conventions' kind of an operation.</summary>
        public static string TypeOf(string operation) => operation switch
        {
            Enqueue => "send",
            Lease => "receive",
            Process => "process",
            _ => "settle",
        };
    }

    /// <summary>Values of <c>error.type</c>.</summary>
    public static class Error
    {
        public const string OutcomeUnknown = "outcome_unknown";
        public const string QueueFull = "queue_full";
        public const string BrokerUnavailable = "broker_unavailable";
        public const string BrokerRefused = "broker_refused";
        public const string Cancelled = "cancelled";
        public const string LeaseLost = "lease_lost";
        public const string Timeout = "timeout";
        public const string Unreadable = "unreadable";
        public const string Rejected = "rejected";
        public const string HandlerFailed = "handler_failed";
        public const string Other = "_OTHER";
    }

    /// <summary>Values of <see cref="RedeliveryReason"/>.</summary>
    public static class Redelivery
    {
        public const string WorkerLost = "worker_lost";
        public const string Retry = "retry";
        public const string Release = "release";
        public const string Redrive = "redrive";
    }
}
