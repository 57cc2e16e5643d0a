using Microsoft.Extensions.Logging;
using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;

namespace ReliableQueue.Producing;

/// <summary>What all lines and lanes of a client share.</summary>
/// <param name="Broker">Where calls go.</param>
/// <param name="Settings">How long callers wait.</param>
/// <param name="Time">The clock.</param>
/// <param name="Random">The source of sessions and jitter.</param>
/// <param name="Meter">The instruments.</param>
/// <param name="Logger">Where faults are told.</param>
/// <param name="Observer">Who is told that the broker lost writes, besides the log.</param>
/// <param name="Closed">Fires when the client is disposed.</param>
internal sealed record EnqueueContext(
    IQueueBroker Broker,
    EnqueueSettings Settings,
    TimeProvider Time,
    IRandomSource Random,
    QueueMeter Meter,
    ILogger Logger,
    IRegressionObserver Observer,
    CancellationToken Closed);
