using System.Text.Json.Serialization;

namespace ReliableQueue.Tests.Messages;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(CamelNote))]
internal sealed partial class CamelJsonContext : JsonSerializerContext;
