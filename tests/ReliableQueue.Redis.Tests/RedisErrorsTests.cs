using ReliableQueue.Broker;
using Xunit;

namespace ReliableQueue.Redis.Tests;

/// <summary>What each kind of error says about the call.</summary>
public sealed class RedisErrorsTests
{
    [Theory]
    [InlineData("LOADING Redis is loading the dataset in memory", BrokerFault.NotApplied)]
    [InlineData("READONLY You can't write against a read only replica. script: a1, on @user_script:9.", BrokerFault.NotApplied)]
    [InlineData("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", BrokerFault.NotApplied)]
    [InlineData("CLUSTERDOWN The cluster is down", BrokerFault.NotApplied)]
    [InlineData("TRYAGAIN Multiple keys request during rehashing of slot", BrokerFault.NotApplied)]
    [InlineData("BUSY Redis is busy running a script.", BrokerFault.NotApplied)]
    [InlineData("NOREPLICAS Not enough good replicas to write.", BrokerFault.NotApplied)]
    [InlineData("MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.", BrokerFault.NotApplied)]
    [InlineData("ERR max number of clients reached", BrokerFault.NotApplied)]
    [InlineData("OOM command not allowed when used memory > 'maxmemory'.", BrokerFault.Full)]
    [InlineData("ERR Error running script (call to f_ab): @user_script:31: -OOM command not allowed when used memory > 'maxmemory'.", BrokerFault.Full)]
    [InlineData("ERR Error running script (call to f_ab): @user_script: 31: WRONGTYPE Operation against a key", BrokerFault.Refused)]
    [InlineData("NOAUTH Authentication required.", BrokerFault.Refused)]
    [InlineData("WRONGPASS invalid username-password pair or user is disabled.", BrokerFault.Refused)]
    [InlineData("NOPERM this user has no permissions to run the 'evalsha' command", BrokerFault.Refused)]
    [InlineData("WRONGTYPE Operation against a key holding the wrong kind of value", BrokerFault.Refused)]
    [InlineData("ERR WRONGTYPE Operation against a key holding the wrong kind of value script: a1, on @user_script:12.", BrokerFault.Refused)]
    [InlineData("ERR OOM command not allowed when used memory > 'maxmemory'. script: a1, on @user_script:12.", BrokerFault.Full)]
    [InlineData("RQVERSION layout 2 is newer", BrokerFault.Refused)]
    [InlineData("ERR user_script:3: attempt to index a nil value script: a1, on @user_script:3.", BrokerFault.Unknown)]
    [InlineData("ERR something nobody has seen", BrokerFault.Unknown)]
    public void FaultOf_ErrorText_IsClassified(string text, BrokerFault fault) => Assert.Equal(fault, RedisErrors.FaultOf(text));
}
