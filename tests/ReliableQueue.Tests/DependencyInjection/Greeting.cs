namespace ReliableQueue.Tests.DependencyInjection;

[MessageType("greeting")]
public sealed record Greeting(string Name);
