namespace ReliableQueue.Tests.Enqueuing;

[MessageType("note")]
public sealed record Note(string Text);
