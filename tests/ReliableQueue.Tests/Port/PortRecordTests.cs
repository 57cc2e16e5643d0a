using ReliableQueue.Broker;

namespace ReliableQueue.Tests.Port;

/// <summary>The few rules that the records of the port keep themselves.</summary>
public sealed class PortRecordTests
{
    private static readonly BrokerInfo Able = new("here", "Simple", BrokerAbilities.Pause | BrokerAbilities.Redrive);

    [Theory]
    [InlineData(BrokerAbilities.None)]
    [InlineData(BrokerAbilities.Pause)]
    [InlineData(BrokerAbilities.Pause | BrokerAbilities.Redrive)]
    public void LackOf_AbilitiesItHas_IsNull(BrokerAbilities needed) => Assert.Null(Able.LackOf(needed));

    [Fact]
    public void LackOf_AbilitiesItHasNot_NamesThemAndTheBroker() =>
        Assert.Equal("The broker Simple cannot do this: Results, FollowUps.", Able.LackOf(BrokerAbilities.FollowUps | BrokerAbilities.Pause | BrokerAbilities.Results));

    [Fact]
    public void Terms_None_AreTakenAsNull() => Assert.Null(new NewMessage { Terms = MessageTerms.None }.Terms);

    [Fact]
    public void Needs_PlainSettlements_AreNothing() =>
        Assert.Equal(BrokerAbilities.None, NeedsOf(Settlement.Ack.Plain, new Settlement.Retry(TimeSpan.Zero, "it failed"), new Settlement.Ack()));

    [Fact]
    public void Needs_AcksThatCarrySomething_AreWhatAllOfThemNeed() =>
        Assert.Equal(
            BrokerAbilities.Results | BrokerAbilities.FollowUps,
            NeedsOf(Settlement.Ack.Plain, new Settlement.Ack { Result = Array.Empty<byte>() }, new Settlement.Ack { Then = [default] }));

    private static BrokerAbilities NeedsOf(params IEnumerable<Settlement> settlements) =>
        new SettleRequest(QueueName.Parse("emails"), [.. settlements.Select(settlement => new LeaseSettlement(default, settlement))]).Needs;
}
