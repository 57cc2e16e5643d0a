namespace ReliableQueue.Redis.Tests;

/// <summary>Which direction a connection is reset in.</summary>
public enum CutSide
{
    Request,
    Reply,
}
