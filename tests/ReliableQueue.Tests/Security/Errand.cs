namespace ReliableQueue.Tests.Security;

/// <summary>A message with a secret in it.</summary>
[MessageType("errand")]
internal sealed record Errand(string Act, string Secret);
