using Xunit;

namespace ReliableQueue.BrokerContract;

/// <summary>Random sequences of commands, each done by the broker and by the model, with results and counts compared after every one.</summary>
public abstract class ModelContract : ContractTests
{
    private const int Commands = 60;

    [Fact]
    public async Task Broker_and_model_agree_on_random_sequences()
    {
        for (var seed = 1; seed <= Harness.ModelSequences; seed++)
        {
            await AssertSequenceAsync(seed);
        }
    }

    private async Task AssertSequenceAsync(int seed)
    {
        var run = new ModelRun(Harness, NewQueue(), seed);
        try
        {
            for (var i = 0; i < Commands; i++)
            {
                await run.StepAsync();
            }
        }
        catch (Exception fault)
        {
            Assert.Fail($"Seed {seed}: {fault.Message}\n{string.Join('\n', run.Log)}\n{fault.StackTrace}");
        }
    }
}
