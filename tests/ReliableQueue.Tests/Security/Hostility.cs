using System.Buffers.Binary;
using System.Text;
using ReliableQueue.Messages;

namespace ReliableQueue.Tests.Security;

/// <summary>What somebody who may write to a broker could put there instead of a message.</summary>
internal static class Hostility
{
    /// <summary>Assemblies that are at hand or might be, and that nothing here uses: naming one must not bring it in.</summary>
    public static readonly string[] Assemblies =
        ["Microsoft.VisualBasic.Core", "System.Formats.Tar", "System.IO.IsolatedStorage", "PresentationFramework", "System.Configuration.Install", "Hostile.Gadgets"];

    private static readonly string[] Types =
    [
        "System.Diagnostics.Process", "System.Windows.Data.ObjectDataProvider", "System.Configuration.Install.AssemblyInstaller", "System.Formats.Tar.TarFile",
        "System.IO.IsolatedStorage.IsolatedStorageFile", "Microsoft.VisualBasic.FileIO.FileSystem", "Hostile.Gadgets.Shell", "System.Collections.Generic.List`1[[System.IO.FileInfo]]",
    ];

    private static readonly string[] Markers = ["$type", "__type", "@class", "$values", "$ref", "$id", "ClrType", "type"];

    /// <summary>Names with their assemblies, in the forms a loader understands.</summary>
    public static IEnumerable<string> TypeNames =>
        from assembly in Assemblies
        from type in Types
        from name in new[] { $"{type}, {assembly}", $"{type}, {assembly}, Version=4.0.0.0, Culture=neutral, PublicKeyToken=31bf3856ad364e35" }
        select name;

    /// <summary>Bodies that name a type wherever a serializer might look for one.</summary>
    public static IEnumerable<string> Gadgets =>
        from pair in TypeNames.Select((type, i) => (Type: type, Marker: Markers[i % Markers.Length]))
        from body in new[]
        {
            "{" + Named(pair) + ",\"Name\":\"x\"}",
            "{\"Name\":\"x\",\"Anything\":{" + Named(pair) + ",\"MethodName\":\"Start\",\"MethodParameters\":{\"$values\":[\"sh\",\"-c id\"]}}}",
            "{\"Name\":\"x\",\"More\":{\"a\":{" + Named(pair) + "}}}",
            "{\"Name\":\"x\",\"Part\":{" + Named(pair) + ",\"Size\":1}}",
        }
        select body;

    /// <summary>Bodies that are no message at all.</summary>
    public static IEnumerable<byte[]> Bodies =>
    [
        [], "null"u8.ToArray(), "true"u8.ToArray(), "[]"u8.ToArray(), "\"\""u8.ToArray(), "{"u8.ToArray(), "{}}"u8.ToArray(), "{\"Name\":1}"u8.ToArray(),
        [0xEF, 0xBB, 0xBF, .. "{\"Name\":\"x\"}"u8], [.. "{\"Name\":\"x\"}"u8, 0], [.. "{\"Name\":\""u8, 0xC3, 0x28, .. "\"}"u8], [0xFF, 0xFE, 0x7B, 0x00, 0x7D, 0x00],
        "{\"Name\":\"x\",\"Name\":\"y\"}"u8.ToArray(), "{\"Name\":\"\\ud800\"}"u8.ToArray(), "{\"Name\":\"x\",\"Weight\":1e999}"u8.ToArray(),
        Encoding.UTF8.GetBytes($$"""{"Name":"x","Weight":{{new string('9', 10_000)}}}"""), "{\"Name\":\"x\",\"Weight\":\"1\"}"u8.ToArray(),
        Encoding.UTF8.GetBytes(new string('[', 100_000)), Encoding.UTF8.GetBytes($$"""{"Name":"x","Anything":{{new string('[', 65)}}{{new string(']', 65)}}}"""),
        Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"Anything\":", 20_000))), "{\"Name\":NaN}"u8.ToArray(), "{\"Name\":\"x\"} {\"Name\":\"y\"}"u8.ToArray(),
        "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>"u8.ToArray(), [0x80, 0x04, 0x95, .. "cposix\nsystem\n(S'id'\ntR."u8], [0x00, 0x01, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
    ];

    /// <summary>A valid envelope of an old message, so that a type nobody knows is dead-lettered and not parked.</summary>
    public static byte[] Envelope(string type, byte[] body, IReadOnlyDictionary<string, string>? headers = null) => EnvelopeCodec.Encode(new Envelope(
        TimeProvider.System.GetUtcNow() - TimeSpan.FromDays(40), type, headers ?? new Dictionary<string, string>(), body));

    /// <summary>An envelope damaged in one to four ways. The same seed damages it in the same ways.</summary>
    public static byte[] Mutate(byte[] envelope, Random random)
    {
        var bytes = envelope;
        for (var wounds = random.Next(1, 5); wounds > 0; wounds--)
        {
            var at = random.Next(Math.Max(1, bytes.Length));
            bytes = random.Next(6) switch
            {
                0 => bytes[..at],
                1 => [.. bytes, .. bytes.AsSpan(at)],
                2 => [.. bytes.AsSpan(0, at), .. Noise(random), .. bytes.AsSpan(at)],
                3 => [.. bytes.AsSpan(at), .. bytes.AsSpan(0, at)],
                _ => Overwritten(bytes, at, random),
            };
        }

        return bytes;
    }

    private static string Named((string Type, string Marker) pair) => $"\"{pair.Marker}\":\"{pair.Type}\"";

    private static byte[] Noise(Random random)
    {
        var noise = new byte[random.Next(40)];
        random.NextBytes(noise);
        return noise;
    }

    /// <summary>A byte, or a length that points anywhere.</summary>
    private static byte[] Overwritten(byte[] bytes, int at, Random random)
    {
        var copy = bytes.ToArray();
        if (copy.Length - at >= 2 && random.Next(2) == 0)
        {
            BinaryPrimitives.WriteUInt16BigEndian(copy.AsSpan(at), (ushort)random.Next(ushort.MaxValue + 1));
        }
        else if (copy.Length > 0)
        {
            copy[at] = (byte)random.Next(256);
        }

        return copy;
    }
}
