namespace ReliableQueue.Redis;

/// <summary>The server answered a command with an error.</summary>
internal sealed class RespException(string text) : Exception(text);
