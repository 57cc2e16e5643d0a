using ReliableQueue.Working.Life;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;

namespace ReliableQueue.Setup;

/// <summary>
/// Readiness of one set: its broker answers and is safe, and its worker, when it has one that is not switched off, gets on. Not for liveness: a broker that is down must not make an orchestrator
/// restart every worker in a loop.
/// </summary>
internal sealed class ReliableQueueHealthCheck(IQueueBroker broker, ProducerLosses producer, ReliableWorker? worker, string? whyIdle) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var findings = await broker.Admin.CheckAsync(cancellationToken);
            var condition = worker is null ? HealthCheckResult.Healthy(whyIdle) : WorkerCondition.Of(worker);
            if (findings.FirstOrDefault(finding => finding.Severity == FindingSeverity.Refusal) is { } refusal)
            {
                return HealthCheckResult.Unhealthy(refusal.Message, data: condition.Data);
            }

            return producer.Shown is not { } lost || condition.Status == HealthStatus.Unhealthy
                ? condition
                : HealthCheckResult.Degraded($"{condition.Description} {lost}".TrimStart(), data: condition.Data);
        }
        catch (BrokerException exception)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, exception.Message, exception);
        }
    }
}
