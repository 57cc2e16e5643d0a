using ReliableQueue.TestKit;
using Xunit;

namespace ReliableQueue.Redis.Tests;

/// <summary>Where the tests' Redis comes from, on machines with and without an engine.</summary>
public sealed class RedisWaysTests
{
    [Theory]
    [InlineData(true, true, RedisWay.Container)]
    [InlineData(true, false, RedisWay.Container)]
    [InlineData(false, true, RedisWay.Program)]
    public void ForOneTest_OnEachMachine_IsAContainerWhereAnEngineAnswersAndOtherwiseTheProgram(bool engineAnswers, bool hasProgram, RedisWay expected)
    {
        Assert.Equal(expected, Machine(null, engineAnswers, hasProgram).ForOneTest());
        Assert.Equal(expected, Machine(null, engineAnswers, hasProgram).ForSharing());
        Assert.Equal(expected, Machine("localhost:6379", engineAnswers, hasProgram).ForOneTest());
    }

    [Fact]
    public void ForSharing_WithAnAddress_IsThatAddressAndAsksNoEngine() =>
        Assert.Equal(RedisWay.Address, new RedisWays("localhost:6379", () => throw new InvalidOperationException("The engine was asked."), () => false).ForSharing());

    [Fact]
    public void ForOneTest_OnAMachineWithNothing_FailsAndNamesAllThreeWays()
    {
        var fault = Assert.Throws<InvalidOperationException>(() => Machine("localhost:6379", engineAnswers: false, hasProgram: false).ForOneTest());

        Assert.All(["Docker engine", "install redis-server", RedisWays.Variable], way => Assert.Contains(way, fault.Message, StringComparison.Ordinal));
        Assert.Throws<InvalidOperationException>(() => Machine(null, engineAnswers: false, hasProgram: false).ForSharing());
    }

    private static RedisWays Machine(string? address, bool engineAnswers, bool hasProgram) => new(address, () => engineAnswers, () => hasProgram);
}
