using System.Net.Sockets;
using System.Text;
using ReliableQueue.Broker;
using ReliableQueue.TestKit;

namespace ReliableQueue.Redis.Tests.Security;

/// <summary>
/// A Redis whose default user may do no more than a role of docs/operations.md. What was refused is read by another user.
/// </summary>
internal sealed class RestrictedRedis : IAsyncDisposable
{
    private const string Password = "role-password";
    private const string Administrator = "administrator";

    private readonly RedisServer server;

    private RestrictedRedis(RedisServer server) => this.server = server;

    /// <summary>What the page grants a role: the words after the name of the user.</summary>
    public static string[] RulesOf(string role)
    {
        var line = File.ReadLines(Path.Combine(SourceRoot(), "docs", "operations.md")).Single(line => line.TrimStart().StartsWith($"ACL SETUSER {role} ", StringComparison.Ordinal));
        return line.Trim().Split(' ')[3..];
    }

    public static async Task<RestrictedRedis> StartAsync(IEnumerable<string> rules)
    {
        var restricted = new RestrictedRedis(await RedisServer.StartAsync("--appendonly", "yes"));
        await restricted.server.CommandAsync("ACL", "SETUSER", Administrator, "reset", "on", ">" + Password, "+@all", "~*", "&*");
        var answer = await restricted.server.CommandAsync(
            ["ACL", "SETUSER", "default", .. rules.Select(rule => rule.StartsWith('>') ? ">" + Password : rule)]);
        return answer == "+OK\r\n" ? restricted : throw new InvalidOperationException($"The role is not one Redis understands: {answer}");
    }

    public IQueueBroker Open(string more = "") => RedisBroker.Open(new RedisBrokerOptions
    {
        Configuration = $"{server.Configuration},password={Password}{more}", CallTimeout = TimeSpan.FromSeconds(10),
    });

    /// <summary>The answer to one command of the role.</summary>
    public Task<string> TryAsync(params string[] words) => SendAsync(["AUTH", Password], words);

    /// <summary>What was refused since the start, each once: a command, a key or a channel.</summary>
    public async Task<IReadOnlyList<string>> RefusedAsync()
    {
        var log = (await SendAsync(["AUTH", Administrator, Password], ["ACL", "LOG", "128"])).Split("\r\n");
        return [.. log.Select((word, i) => word == "object" ? log[i + 2] : "").Where(word => word.Length > 0).Distinct().Order(StringComparer.Ordinal)];
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private async Task<string> SendAsync(string[] signIn, string[] words)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(server.Host, server.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(Request(signIn) + Request(words) + Request(["QUIT"])));
        using var reader = new StreamReader(stream);
        var answers = await reader.ReadToEndAsync();
        return answers.Split("\r\n", 2)[1];
    }

    private static string Request(string[] words) => string.Concat(words.Select(word => $"${Encoding.UTF8.GetByteCount(word)}\r\n{word}\r\n").Prepend($"*{words.Length}\r\n"));

    internal static string SourceRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "ReliableQueue.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The source tree was not found.");
        }

        return folder.FullName;
    }
}
