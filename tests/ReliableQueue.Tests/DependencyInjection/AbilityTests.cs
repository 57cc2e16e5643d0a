using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using ReliableQueue.Broker;
using ReliableQueue.TestKit;

namespace ReliableQueue.Tests.DependencyInjection;

/// <summary>What a set needs and its broker cannot do is said when the host starts, not by the first call that needs it.</summary>
public sealed class AbilityTests
{
    private const BrokerAbilities Wanted = BrokerAbilities.Pause | BrokerAbilities.Results;

    [Fact]
    public async Task Start_BrokersThatLackWhatIsNeeded_NamesOptionAbilityAndBrokerOfEverySet()
    {
        await using var rig = new SetRig();
        rig.Add.AddReliableQueue(queue => queue.UseBroker(SetRig.NewBroker).RequireAbilities(Wanted));
        rig.Add.AddReliableWorker("billing", worker => worker
            .UseBroker(_ => NoBroker.Instance)
            .RequireAbilities(BrokerAbilities.Redrive)
            .AddHandler<Greeting, GreetingHandler>("invoices"));

        Assert.Equal(
            [
                "RequireAbilities(Pause, Results) of AddReliableQueue(…) needs more than its broker can do. The broker Memory cannot do this: Results. Leave it out, or choose a broker that can.",
                "RequireAbilities(Redrive) of AddReliableWorker(\"billing\", …) needs more than its broker can do. The broker None cannot do this: Redrive. Leave it out, or choose a broker that can.",
            ],
            await rig.FaultsAsync());
    }

    [Fact]
    public async Task Start_ABrokerThatHasWhatIsNeeded_Starts()
    {
        await using var rig = new SetRig();
        rig.Add.AddReliableWorker(worker => worker
            .UseBroker(SetRig.NewBroker).RequireAbilities(BrokerAbilities.Pause).AddHandler<Greeting, GreetingHandler>("greetings"));

        Assert.Empty(await rig.FaultsAsync());
    }

    [Fact]
    public async Task Start_NothingNeeded_OpensNoBrokerOfAProducer()
    {
        var opened = 0;
        await using var rig = new SetRig();
        rig.Add.AddReliableQueue(queue => queue.UseBroker(services =>
        {
            opened++;
            return SetRig.NewBroker(services);
        }));

        Assert.Empty(await rig.FaultsAsync());
        Assert.Equal(0, opened);
    }

    [Fact]
    public async Task Services_WithoutAHost_ThrowTheSame()
    {
        await using var rig = new SetRig();
        rig.Add.AddReliableQueue(queue => queue.UseBroker(SetRig.NewBroker).RequireAbilities(Wanted));

        foreach (var service in new[] { typeof(IQueueClient), typeof(IQueueOperator) })
        {
            var fault = Assert.ThrowsAny<OptionsValidationException>(() => rig.Services.GetRequiredService(service));
            Assert.Contains("RequireAbilities(Pause, Results)", Assert.Single(fault.Failures), StringComparison.Ordinal);
        }
    }
}
