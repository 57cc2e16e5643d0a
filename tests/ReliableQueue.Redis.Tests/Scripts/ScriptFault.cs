namespace ReliableQueue.Redis.Tests.Scripts;

/// <summary>What a script's call to Redis ends with.</summary>
public enum ScriptFault
{
    Error,
    WrongType,
    OutOfMemory,
}
