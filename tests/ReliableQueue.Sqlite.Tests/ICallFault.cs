namespace ReliableQueue.Sqlite.Tests;

/// <summary>Stands between a canned life and its broker: makes one of its calls fail, looks at what that left, and makes it again.</summary>
internal interface ICallFault
{
    /// <summary>Whether the last call was done although its caller was told that this is unknown, and was then made again.</summary>
    bool WasDoneTwice { get; }

    Task<T> CallAsync<T>(string name, Func<Task<T>> call);
}
