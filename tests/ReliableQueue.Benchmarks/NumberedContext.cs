using System.Text.Json.Serialization;

namespace ReliableQueue.Benchmarks;

/// <summary>The generated serializer of the message.</summary>
[JsonSerializable(typeof(Numbered))]
internal sealed partial class NumberedContext : JsonSerializerContext;
