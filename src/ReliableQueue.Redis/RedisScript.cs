using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace ReliableQueue.Redis;

/// <summary>One state change: its text, whole, and the hash a server knows it by.</summary>
internal sealed partial class RedisScript
{
    private const string Include = "--#include ";

    public RedisScript(string name, string text)
    {
        Name = name;
        Text = text;
        // The name Redis gives scripts, not a matter of secrecy.
        Hash = CryptographicOperations.HashData(HashAlgorithmName.SHA1, Encoding.UTF8.GetBytes(text));
    }

    public string Name { get; }

    public string Text { get; }

    public byte[] Hash { get; }

    /// <summary>Reads a script that ships in this assembly and puts the shared parts it names in their place.</summary>
    public static RedisScript Load(string name)
    {
        var text = new StringBuilder();
        foreach (var line in Read(name + ".lua"))
        {
            _ = line.StartsWith(Include, StringComparison.Ordinal)
                ? text.AppendJoin('\n', Read(line[Include.Length..])).Append('\n')
                : text.Append(line).Append('\n');
        }

        return new RedisScript(name, text.ToString());
    }

    /// <summary>The commands that a piece of Lua sends, each once, in order of the alphabet: by a call, by a part it includes, or to take back what was done.</summary>
    public static IReadOnlyList<string> CommandsIn(string lua) =>
        [.. CommandName().Matches(lua).Select(match => match.Groups["name"].Value).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>The lines without full-line comments: the server keeps every script it has seen, and clients send it whole.</summary>
    private static List<string> Read(string file)
    {
        var stream = typeof(RedisScript).Assembly.GetManifestResourceStream(file)
            ?? throw new InvalidOperationException($"The script '{file}' is missing from the assembly.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        List<string> lines = [];
        while (reader.ReadLine() is { } line)
        {
            var code = line.TrimStart();
            if (code.Length > 0 && (code.StartsWith(Include, StringComparison.Ordinal) || !code.StartsWith("--", StringComparison.Ordinal)))
            {
                lines.Add(line);
            }
        }

        return lines;
    }

    [GeneratedRegex(@"(?:call\(|attempt\(\w+, |push\(\w+, )'(?<name>[A-Z]+)'")]
    private static partial Regex CommandName();
}
