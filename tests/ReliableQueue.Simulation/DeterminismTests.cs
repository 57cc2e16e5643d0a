namespace ReliableQueue.Simulation;

/// <summary>A seed that does not repeat cannot be debugged.</summary>
public sealed class DeterminismTests
{
    [Fact]
    public void A_seed_run_again_gives_the_same_history()
    {
        for (ulong seed = 1; seed <= 40; seed++)
        {
            var (first, again) = (SimulatedQueue.Run(seed), SimulatedQueue.Run(seed));
            Assert.Equal((first.Hash, first.Totals.ToText()), (again.Hash, again.Totals.ToText()));
        }
    }

    [Fact]
    public void A_seed_run_on_another_thread_among_others_gives_the_same_history()
    {
        const int Seeds = 40;
        var together = new Outcome[Seeds];

        Parallel.For(0, Seeds, seed => together[seed] = SimulatedQueue.Run((ulong)seed));

        Assert.Equal(Enumerable.Range(0, Seeds).Select(seed => SimulatedQueue.Run((ulong)seed).Hash), together.Select(outcome => outcome.Hash));
    }

    [Fact]
    public void Seeds_give_different_histories() =>
        Assert.Equal(40, Enumerable.Range(1, 40).Select(seed => SimulatedQueue.Run((ulong)seed).Hash).Distinct().Count());
}
