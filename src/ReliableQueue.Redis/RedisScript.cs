using System.Security.Cryptography;
using System.Text;

namespace ReliableQueue.Redis;

/// <summary>One state change: its text, whole, and the hash a server knows it by.</summary>
internal sealed class RedisScript
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
}
