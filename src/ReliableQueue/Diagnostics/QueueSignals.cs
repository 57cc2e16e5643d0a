using System.Diagnostics;

namespace ReliableQueue.Diagnostics;

/// <summary>What one queue of a worker or producer logs, counts and traces: the names and the instruments, bound to the queue once.</summary>
internal sealed class QueueSignals(QueueName queue, Surroundings surroundings)
{
    private readonly string queue = queue.Value;
    private readonly Microsoft.Extensions.Logging.ILogger logger = surroundings.Logger;
    private readonly QueueMeter meter = surroundings.Meter;
    private readonly OutageLog broker = surroundings.BrokerOutage;
    private readonly OutageLog stateFile = surroundings.StateOutage;

    /// <summary>Whether anybody measures how long calls take; reading the clock is left out otherwise.</summary>
    public bool MeasuresOperations => meter.MeasuresOperations;

    /// <summary>Whether anybody counts settlements; counting a batch by outcome is left out otherwise.</summary>
    public bool CountsSettlements => meter.CountsSettlements;

    // Enqueuing

    /// <summary>One call of the client's user ended: so many messages, in one of the ways of <see cref="TelemetryNames.Error"/> or well (null).</summary>
    public void Enqueued(int count, string? error) => meter.CountEnqueued(queue, count, error);

    public void EnqueueCallEnded(TimeSpan duration, string? error) => meter.MeasureOperation(TelemetryNames.Operation.Enqueue, queue, duration, error);

    public void EnqueueFailed(Enum kind, int failures, TimeSpan pause, Exception exception)
    {
        broker.Failed(exception);
        QueueLog.EnqueueFailed(logger, queue, kind.ToString(), failures, pause, exception);
    }

    /// <summary>An enqueue call was answered, after so many failures in a row.</summary>
    public void EnqueueAnswered(int failures)
    {
        broker.Answered();
        if (failures > 0)
        {
            QueueLog.EnqueueRecovered(logger, queue, failures);
        }
    }

    public void EnqueueStateRegressed(string sign) => QueueLog.EnqueueStateRegressed(logger, queue, sign);

    public void EnqueueOutcomeUnknown(int count) => QueueLog.EnqueueOutcomeUnknown(logger, queue, count);

    public void EnqueueRefused(Exception exception)
    {
        broker.Failed(exception);
        QueueLog.EnqueueRefused(logger, queue, exception);
    }

    public void EnqueueLaneOutOfOrder(Enum standing) => QueueLog.EnqueueLaneOutOfOrder(logger, queue, standing.ToString());

    public void EnqueueBrokerBroken(Exception exception) => QueueLog.EnqueueBrokerBroken(logger, queue, exception);

    // Leasing

    /// <summary>A lease call was answered; it reclaimed so many messages that other workers lost.</summary>
    public void LeaseAnswered(TimeSpan duration, int reclaimed, int deadLettered)
    {
        broker.Answered(this);
        meter.MeasureOperation(TelemetryNames.Operation.Lease, queue, duration, null);
        meter.CountRedelivered(queue, TelemetryNames.Redelivery.WorkerLost, reclaimed);
        WorkerLossesDeadLettered(deadLettered);
    }

    public void LeaseFailed(Enum kind, int failures, Exception exception)
    {
        broker.Failed(exception, this);
        QueueLog.LeaseFailed(logger, queue, kind, failures, exception);
    }

    public void Renewed(int count, int lost)
    {
        broker.Answered();
        meter.CountRenewed(queue, count - lost, null);
        meter.CountRenewed(queue, lost, TelemetryNames.Error.LeaseLost);
    }

    public void RenewalFailed(int count, Exception exception)
    {
        broker.Failed(exception);
        meter.CountRenewed(queue, count, TelemetryNames.Error.BrokerUnavailable);
        QueueLog.RenewalFailed(logger, queue, count, exception);
    }

    public void LeaseLost(MessageContext lost) => QueueLog.LeaseLost(logger, queue, lost.MessageType, lost.Id, lost.DeliveryCount);

    public void SessionReturned(object session, int returned, int deadLettered)
    {
        meter.CountRedelivered(queue, TelemetryNames.Redelivery.WorkerLost, returned);
        QueueLog.SessionReturned(logger, queue, session, returned, deadLettered);
        WorkerLossesDeadLettered(deadLettered);
    }

    public void SessionFenced() => QueueLog.SessionFenced(logger, queue);

    public void BrokerStateRegressed(string evidence) => QueueLog.BrokerStateRegressed(logger, queue, evidence);

    public void EpochNotNoted(Exception exception) => QueueLog.EpochNotNoted(logger, queue, exception);

    public void LoopFailed(Exception exception) => QueueLog.LoopFailed(logger, queue, exception);

    // Handling

    /// <summary>A handler is about to start, this long after its message was enqueued.</summary>
    public void ProcessStarted(TimeSpan waited) => meter.ProcessStarted(queue, waited);

    /// <summary>The handler returned or threw; <paramref name="error"/> is null when it returned. Called once for every <see cref="ProcessStarted"/>.</summary>
    public void ProcessEnded(TimeSpan duration, string? error) => meter.ProcessEnded(queue, duration, error);

    /// <summary>The span of a handler; null while nobody listens.</summary>
    public Activity? StartProcess(MessageContext message) => !QueueActivitySource.HasListeners ? null : QueueActivitySource.StartProcess(
        queue,
        message.Id.ToString(),
        message.MessageType,
        message.DeliveryCount,
        message.Headers.GetValueOrDefault("traceparent"),
        message.Headers.GetValueOrDefault("tracestate"));

    public void EnvelopeNewer(MessageId message, string reason) => QueueLog.EnvelopeNewer(logger, queue, message, reason);

    public void HandlerTimedOut(MessageContext message) => QueueLog.HandlerTimedOut(logger, queue, message.MessageType, message.Id);

    public void HandlerIgnoresItsToken(MessageContext message) => QueueLog.HandlerIgnoresItsToken(logger, queue, message.MessageType, message.Id);

    public void ScopeFailed(MessageContext message, Exception exception) =>
        QueueLog.ScopeFailed(logger, queue, message.MessageType, message.Id, message.DeliveryCount, exception);

    public void TokenCallbackFailed(MessageId message, Exception exception) => QueueLog.TokenCallbackFailed(logger, queue, message, exception);

    public void RetryPolicyFailed(MessageContext message, Exception exception) => QueueLog.RetryPolicyFailed(logger, queue, message.MessageType, message.Id, exception);

    public void DeliveryFailed(Exception exception) => QueueLog.DeliveryFailed(logger, queue, exception);

    // Settling

    /// <summary>The span of a settlement; null while nobody listens.</summary>
    public Activity? StartSettle(string operation, MessageId message, ActivityContext process) => QueueActivitySource.StartSettle(operation, queue, message.ToString(), process);

    /// <summary>Deliveries ended: <paramref name="outcome"/> is an operation name (ack, retry, release, dead_letter) or <c>lost</c>.</summary>
    public void Settled(string outcome, int count)
    {
        meter.CountSettled(queue, outcome, count);
        if (outcome is TelemetryNames.Operation.Retry or TelemetryNames.Operation.Release)
        {
            meter.CountRedelivered(queue, outcome, count);
        }
    }

    public void SettleFailed(int count, int failures, Exception exception)
    {
        broker.Failed(exception);
        QueueLog.SettleFailed(logger, queue, count, failures, exception);
    }

    public void DeadLettered(MessageContext message, Enum reason, string why, Exception? exception) =>
        QueueLog.DeadLettered(logger, queue, message.MessageType, message.Id, reason, message.DeliveryCount, why, exception);

    public void MoreDeadLettered(int count) => QueueLog.MoreDeadLettered(logger, queue, count);

    public void Retried(MessageContext message, int maxDeliveries, TimeSpan delay, Exception? exception) =>
        QueueLog.Retried(logger, queue, message.MessageType, message.Id, message.DeliveryCount, maxDeliveries, delay, exception);

    public void Parked(MessageContext message, TimeSpan delay, string why) =>
        QueueLog.Parked(logger, queue, message.MessageType, message.Id, delay, why);

    public void MoreParked(int count) => QueueLog.MoreParked(logger, queue, count);

    public void MoreRetried(int count) => QueueLog.MoreRetried(logger, queue, count);

    public void SettlementStale(MessageContext message) => QueueLog.SettlementStale(logger, queue, message.MessageType, message.Id, message.DeliveryCount);

    public void SettlementsReplayed(int count) => QueueLog.SettlementsReplayed(logger, queue, count);

    public void SettlementsNotRecorded(int count, Exception exception)
    {
        stateFile.Failed(exception);
        QueueLog.SettlementsNotRecorded(logger, queue, count, exception);
    }

    /// <summary>A record was written, or nothing is known to be wrong with the file.</summary>
    public void StateFileWorks() => stateFile.Answered(this);

    // Operating

    /// <summary>An operator put so many dead letters back to ready.</summary>
    public void Redriven(long count)
    {
        if (count > 0)
        {
            meter.CountRedelivered(queue, TelemetryNames.Redelivery.Redrive, (int)count);
            QueueLog.Redriven(logger, queue, count);
        }
    }

    public void Deleted(long count)
    {
        if (count > 0)
        {
            QueueLog.Deleted(logger, queue, count);
        }
    }

    public void Purged(Enum state, long count)
    {
        if (count > 0)
        {
            QueueLog.Purged(logger, queue, state, count);
        }
    }

    public void Paused(TimeSpan? duration) => QueueLog.Paused(logger, queue, duration is { } limit ? $"for {limit}" : "until it is resumed");

    public void Resumed() => QueueLog.Resumed(logger, queue);

    // Life

    public void StartStepFailed(int failures, Exception exception) => QueueLog.StartStepFailed(logger, queue, failures, exception);

    /// <summary>A step of starting waits for the broker.</summary>
    public void StartWaitsForBroker(int failures, Exception exception)
    {
        broker.Failed(exception, this);
        QueueLog.StartStepWaits(logger, queue, failures, exception);
    }

    /// <summary>A step of starting waits for the state file.</summary>
    public void StartWaitsForStateFile(int failures, Exception exception)
    {
        stateFile.Failed(exception, this);
        QueueLog.StartStepWaits(logger, queue, failures, exception);
    }

    public void DrainOver(int count) => QueueLog.DrainOver(logger, queue, count);

    public void NotAnnounced(Exception exception) => QueueLog.NotAnnounced(logger, queue, exception);

    public void SizeNotRead(Exception exception) => QueueLog.SizeNotRead(logger, queue, exception);

    /// <summary>Keeps how many handlers may run, for the gauges of a worker.</summary>
    public void ReportLimit(string worker, int concurrency) => meter.ReportLimit(worker, queue, concurrency);

    /// <summary>Keeps what a worker last read of the queue, for the gauges; null when it could not be read.</summary>
    public void ReportDepth(string worker, QueueDepth? depth)
    {
        if (depth is { } known)
        {
            meter.ReportDepth(worker, queue, known);
        }
        else
        {
            meter.ForgetDepth(worker, queue);
        }
    }

    /// <summary>Forgets the queue of a worker that stopped: an old count must not look like a new one.</summary>
    public void Forget(string worker) => meter.Forget(worker, queue);

    /// <summary>The queue's worker ended: it waits for neither broker nor state file any more.</summary>
    public void Leave()
    {
        broker.Leave(this);
        stateFile.Leave(this);
    }

    private void WorkerLossesDeadLettered(int count)
    {
        if (count > 0)
        {
            QueueLog.WorkerLossesDeadLettered(logger, queue, count);
        }
    }
}
