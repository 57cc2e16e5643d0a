namespace ReliableQueue.Tests.Security;

/// <summary>A message with every place where a serializer might be talked into making another type: an object, a dictionary of objects, an abstract part.</summary>
[MessageType("parcel")]
internal sealed record Parcel(string Name, object? Anything = null, Dictionary<string, object>? More = null, ParcelPart? Part = null, int Weight = 0);
