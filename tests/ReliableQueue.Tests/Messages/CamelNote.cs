namespace ReliableQueue.Tests.Messages;

[MessageType("camel-note")]
public sealed record CamelNote(string ShortText);
