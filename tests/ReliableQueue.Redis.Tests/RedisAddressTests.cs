using Xunit;

namespace ReliableQueue.Redis.Tests;

/// <summary>Addresses as hosting providers hand them out, and what must never be shown of them.</summary>
public sealed class RedisAddressTests
{
    [Theory]
    [InlineData("redis://localhost", "localhost:6379", false, null, null, 0)]
    [InlineData("redis://user:secret@host:6379/0", "host:6379", false, "user", "secret", 0)]
    [InlineData("rediss://default:p%40ss%2Fw%25rd@host.example:6380/3", "host.example:6380", true, "default", "p@ss/w%rd", 3)]
    [InlineData("rediss://:secret@host", "host:6379", true, null, "secret", 0)]
    [InlineData("REDIS://user@host/", "host:6379", false, "user", null, 0)]
    [InlineData("redis://worker:a:b@c@host:7000", "host:7000", false, "worker", "a:b@c", 0)]
    [InlineData("redis://:s@10.0.0.1:7000,10.0.0.2,[::1]:7002/2", "10.0.0.1:7000,10.0.0.2:6379,[::1]:7002", false, null, "s", 2)]
    [InlineData("valkeys://u:s@valkey.example:6380", "valkey.example:6380", true, "u", "s", 0)]
    [InlineData("redis://:s@sentinel:26379/1?serviceName=mymaster&connectTimeout=500", "sentinel:26379/mymaster", false, null, "s", 1)]
    [InlineData("host:6380,ssl=true,user=worker,password=secret,defaultDatabase=4", "host:6380", true, "worker", "secret", 4)]
    [InlineData("redis://u:s@host?ssl=true", "host:6379", true, "u", "s", 0)]
    [InlineData("redis://h:6379?name=a@b", "h:6379", false, null, null, 0)]
    [InlineData("redis://u:a?b@h:6379?name=a@b", "h:6379", false, "u", "a?b", 0)]
    [InlineData("host,ssl=true", "host:6380", true, null, null, 0)]
    [InlineData("host,serviceName=mymaster", "host:26379/mymaster", false, null, null, 0)]
    public void Parse_EveryForm_IsRead(string configuration, string text, bool tls, string? user, string? password, int database)
    {
        Assert.Null(RedisAddress.FaultOf(configuration));
        var address = RedisAddress.Parse(configuration);
        Assert.Equal((text, tls, user, password, database), (address.Text, address.Options.Ssl, address.Options.User, address.Options.Password, address.Database));
    }

    [Theory]
    [InlineData("http://user:hunter2@host", "redis://")]
    [InlineData("redis://user:hunter2@host/first", "number of a database")]
    [InlineData("redis://user:hunter2@host:hunter2", "from 1 to 65535")]
    [InlineData("redis://user:hunter2@host:0", "from 1 to 65535")]
    [InlineData("redis://user:hunter2@", "no server")]
    [InlineData("redis://user:hunter2@host?frobnicate=hunter2", "'frobnicate'")]
    [InlineData("redis://user:hunter2@host?connectTimeout=hunter2", "'connectTimeout'")]
    [InlineData("redis://user:hunter2@host?name=a,password=hunter2", "'name'")]
    [InlineData("localhost,password=hunter2,connectTimeout=soon", "one of its options")]
    [InlineData("localhost,password=hunter2,hunter2", null)]
    [InlineData("localhost,password=a,hunter2=b", "one of its options")]
    [InlineData("", "no server")]
    public void FaultOf_WhatCannotBeRead_SaysWhatIsWrongAndShowsNoSecret(string configuration, string? fault)
    {
        var said = RedisAddress.FaultOf(configuration);
        Assert.Equal(fault is null, said is null);
        Assert.Contains(fault ?? "", said ?? "", StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", said ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_of_an_address_is_in_no_text_of_the_broker()
    {
        var options = new RedisBrokerOptions { Configuration = "rediss://worker:hunter%32@127.0.0.1:1/0?connectTimeout=200&connectRetry=1", CallTimeout = TimeSpan.FromSeconds(1) };
        await using var broker = RedisBroker.Open(options);
        using var renewal = broker.OpenRenewalConnection();
        var queue = new TestQueue(broker);
        Exception[] faults =
        [
            await Assert.ThrowsAnyAsync<Exception>(() => broker.Admin.CheckAsync(CancellationToken.None)),
            await Assert.ThrowsAnyAsync<Exception>(() => queue.EnqueueAsync()),
            Assert.ThrowsAny<Exception>(() => renewal.Renew(new(queue.Name, [new(TestQueue.Message().Id, new(queue.Worker, 1))], queue.Visibility))),
            Assert.Throws<ArgumentException>(() => RedisBroker.Open(new RedisBrokerOptions { Configuration = "redis://worker:hunter2@host/x" })),
        ];

        Assert.All(
            [broker.Info.Identity, $"{RedisSource.From(options)}", $"{RedisAddress.Parse(options.Configuration)}", .. faults.Select(fault => fault.ToString())],
            text => Assert.False(text.Contains("hunter2", StringComparison.Ordinal) || text.Contains("hunter%32", StringComparison.Ordinal), text));
        Assert.Equal("redis:127.0.0.1:1/0/rq", broker.Info.Identity);
    }
}
