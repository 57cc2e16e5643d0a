using Xunit;

namespace ReliableQueue.Redis.Tests;

public sealed class RedisBrokerOptionsTests
{
    internal static IReadOnlyList<string> FaultsOf(RedisBrokerOptions options) => [.. new RedisBrokerOptionsCheck().Validate(null, options).Failures ?? []];

    [Fact]
    public void Validate_EverythingWrong_NamesAllAtOnce()
    {
        var faults = FaultsOf(new RedisBrokerOptions { Prefix = "a{b}", Database = -1, CallTimeout = TimeSpan.Zero });
        Assert.Equal(4, faults.Count);
        Assert.Contains(faults, fault => fault.Contains("'a{b}'", StringComparison.Ordinal));
        Assert.Contains("CallTimeout (00:00:00) of the Redis broker must be between 00:00:00.0500000 and 00:01:00.", faults);
    }

    [Theory]
    [InlineData("localhost,password=hunter2,connectTimeout=soon")]
    [InlineData("redis://user:hunter2@host/first")]
    public void Validate_ConfigurationTheLibraryCannotRead_DoesNotRepeatIt(string configuration)
    {
        var faults = FaultsOf(new RedisBrokerOptions { Configuration = configuration });
        Assert.DoesNotContain("hunter2", Assert.Single(faults), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_FaultyOptions_Throws() => Assert.Throws<ArgumentException>(() => RedisBroker.Open(new RedisBrokerOptions()));

    [Theory]
    [InlineData("localhost:6379,password=hunter2", null, "redis:localhost:6379/0/rq")]
    [InlineData("10.0.0.1:7000,10.0.0.2,defaultDatabase=4", null, "redis:10.0.0.1:7000,10.0.0.2:6379/4/rq")]
    [InlineData("localhost", 2, "redis:localhost:6379/2/rq")]
    public async Task Identity_NamesTheStoreWithoutCredentials(string configuration, int? database, string identity)
    {
        await using var broker = RedisBroker.Open(new RedisBrokerOptions { Configuration = configuration, Database = database });
        Assert.Equal(identity, broker.Info.Identity);
    }

    [Fact]
    public void Only_what_connects_calls_the_client_library()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "ReliableQueue.sln")))
        {
            root = root.Parent ?? throw new InvalidOperationException("The source tree was not found.");
        }

        var folder = Path.Combine(root.FullName, "src", "ReliableQueue.Redis");
        var users = Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(file => File.ReadAllText(file).Contains("using StackExchange.Redis", StringComparison.Ordinal))
            .Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/')).Where(file => !file.StartsWith("Connection/", StringComparison.Ordinal));
        // The options and the builder's extensions name what an application brings; the socket of renewals follows the same configuration.
        Assert.Equal(["RedisBrokerBuilderExtensions.cs", "RedisBrokerOptions.cs", "Renewal/RespConnection.cs"], users.Order(StringComparer.Ordinal));
    }
}
