using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;
using ReliableQueue.Working.Life;
using ReliableQueue.Messages;
using ReliableQueue.State;

namespace ReliableQueue.FaultWorker;

/// <summary>Puts the steps around the broker and the state file of the worker that is registered. Everything between them is the application's.</summary>
internal static class SteppedWorker
{
    public static void AddSteps(this IServiceCollection services)
    {
        var broker = services.Last(service => service.ServiceType == typeof(IQueueBroker)).ImplementationFactory ?? throw new InvalidOperationException("No factory of a broker.");
        services.AddSingleton<IQueueBroker>(provider => new SteppedBroker((IQueueBroker)broker(provider), provider.GetRequiredService<Steps>()));
        services.AddSingleton(Build);
    }

    private static ReliableWorker Build(IServiceProvider provider)
    {
        var blueprint = provider.GetRequiredService<WorkerBlueprint>();
        var steps = provider.GetRequiredService<Steps>();
        var surroundings = new Surroundings(
            provider.GetRequiredService<IServiceScopeFactory>(),
            provider.GetRequiredService<TimeProvider>(),
            SystemRandomSource.Instance,
            provider.GetRequiredService<ILoggerFactory>().CreateLogger("ReliableQueue.Worker"),
            provider.GetRequiredService<QueueMeter>());
        var path = blueprint.StateFile.Path;
        return new ReliableWorker(
            blueprint,
            new StateOpening(path, () => _ = StateFile.Inspect(path), async (wait, cancellationToken) =>
                new SteppedState(
                    await StateFile.OpenAsync(new FileOpening(path, surroundings.Time), surroundings.Logger, owner => wait(owner.ToString()), cancellationToken),
                    steps,
                    provider.GetRequiredService<EffectLog>(),
                    provider.GetRequiredService<IConfiguration>()["FullWhile"])),
            surroundings);
    }
}
