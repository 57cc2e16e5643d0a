using ReliableQueue.Messages;

namespace ReliableQueue.Tests.Messages;

public sealed class MessageTypesTests
{
    [Theory]
    [InlineData("a", true)]
    [InlineData("send-email.v2_x", true)]
    [InlineData("9lives", true)]
    [InlineData("", false)]
    [InlineData("-a", false)]
    [InlineData("Send", false)]
    [InlineData("a b", false)]
    [InlineData("a\n", false)]
    [InlineData("é", false)]
    [InlineData("System.Diagnostics.Process, System", false)]
    public void IsName_Text_FollowsTheRule(string name, bool isName) => Assert.Equal(isName, MessageTypes.IsName(name));

    [Theory]
    [InlineData(128, true)]
    [InlineData(129, false)]
    public void IsName_Length_IsAtMost128(int length, bool isName) => Assert.Equal(isName, MessageTypes.IsName(new string('a', length)));

    [Fact]
    public void NameOf_MarkedType_IsTheNameOfTheAttribute() => Assert.Equal("one", new MessageTypes().NameOf(typeof(One)));

    [Fact]
    public void NameOf_UnmarkedType_SaysWhatToAdd() =>
        Assert.Contains("[MessageType(\"send-email\")]", Assert.Throws<ArgumentException>(() => new MessageTypes().NameOf(typeof(string))).Message, StringComparison.Ordinal);

    [Fact]
    public void NameOf_DerivedType_DoesNotInheritTheName() => Assert.NotNull(new MessageTypes().FaultOf(typeof(Derived)));

    [Fact]
    public void FaultOf_BadName_SaysTheRule() => Assert.Contains("a-z", new MessageTypes().FaultOf(typeof(Bad)), StringComparison.Ordinal);

    [Fact]
    public void FaultOf_TwoTypesWithOneName_NamesBoth()
    {
        var types = new MessageTypes();
        Assert.Null(types.FaultOf(typeof(One)));

        var fault = types.FaultOf(typeof(AlsoOne));

        Assert.Contains(nameof(AlsoOne), fault, StringComparison.Ordinal);
        Assert.Contains("'one'", fault, StringComparison.Ordinal);
        Assert.Null(types.FaultOf(typeof(One)));
    }

    [MessageType("one")]
    private class One;

    private sealed class Derived : One;

    [MessageType("one")]
    private sealed class AlsoOne;

    [MessageType("Not A Name")]
    private sealed class Bad;
}
