namespace ReliableQueue.FaultWorker;

/// <summary>What handlers that wait to be told wait for: one of three words, the same for all of them.</summary>
public sealed class Permission
{
    public const string Return = "return";
    public const string Throw = "throw";
    public const string Reject = "reject";

    private readonly TaskCompletionSource<string> given = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<string> Given => given.Task;

    public void Give(string word) => given.TrySetResult(word);
}
