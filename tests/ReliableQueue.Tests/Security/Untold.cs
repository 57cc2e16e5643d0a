namespace ReliableQueue.Tests.Security;

/// <summary>A message that no worker handles.</summary>
[MessageType("untold")]
internal sealed record Untold(string Secret);
