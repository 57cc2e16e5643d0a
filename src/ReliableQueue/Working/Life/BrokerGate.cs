using Microsoft.Extensions.Logging;
using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;
using ReliableQueue.Producing;
using ReliableQueue.Working.Lease;

namespace ReliableQueue.Working.Life;

/// <summary>
/// Lets a worker through to a broker that is safe to use. A broker that answers at start and is unsafe fails the start; one that does not answer yet is asked until it
/// does, because a worker must come up before its broker as well as after.
/// </summary>
internal sealed class BrokerGate(IQueueBroker broker, Surroundings surroundings)
{
    private static readonly TimeSpan RefusedPause = TimeSpan.FromSeconds(10);
    private bool isOpen;

    /// <summary>Why the worker leases nothing; null when the broker was found safe, or has not answered yet.</summary>
    public string? Refusal { get; private set; }

    /// <exception cref="UnsafeBrokerException">The broker answered and is unsafe.</exception>
    public async Task TryPassAsync(CancellationToken cancellationToken)
    {
        try
        {
            await CheckAsync(cancellationToken);
        }
        catch (BrokerException exception)
        {
            QueueLog.BrokerNotChecked(surroundings.Logger, broker.Info.Identity, exception);
        }
    }

    /// <summary>Waits until the broker is found safe.</summary>
    public async Task PassAsync(CancellationToken cancellationToken)
    {
        for (var failures = 1; !isOpen; failures++)
        {
            var pause = RetryPause.After(failures, surroundings.Random);
            try
            {
                await CheckAsync(cancellationToken);
                Refusal = null;
                surroundings.BrokerOutage.Answered(this);
                continue;
            }
            catch (BrokerException exception)
            {
                surroundings.BrokerOutage.Failed(exception, this);
            }
            catch (UnsafeBrokerException exception)
            {
                Tell(exception.Message);
                pause = RefusedPause;
            }

            await surroundings.Time.PauseAsync(pause, cancellationToken);
            if (cancellationToken.IsCancellationRequested)
            {
                surroundings.BrokerOutage.Leave(this);
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }

    /// <summary>Once, and again when the reason is another one; the health check shows it meanwhile.</summary>
    private void Tell(string refusal)
    {
        if (refusal != Refusal)
        {
            QueueLog.BrokerRefused(surroundings.Logger, refusal);
        }

        Refusal = refusal;
    }

    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        if (isOpen)
        {
            return;
        }

        var findings = await broker.Admin.CheckAsync(cancellationToken);
        if (findings.Any(finding => finding.Severity == FindingSeverity.Refusal))
        {
            throw new UnsafeBrokerException(findings);
        }

        foreach (var finding in findings)
        {
            QueueLog.BrokerWarning(surroundings.Logger, finding.Message);
        }

        isOpen = true;
    }
}
