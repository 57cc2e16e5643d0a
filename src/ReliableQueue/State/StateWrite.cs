namespace ReliableQueue.State;

/// <summary>One caller's write: what goes into the file, and what is true in memory once it is there.</summary>
/// <param name="prepare">Chooses the rows. Called on the writer thread, under the lock, once per attempt.</param>
/// <param name="apply">Called under the lock after the commit.</param>
internal sealed class StateWrite(Func<StateMemory, IReadOnlyList<RowChange>> prepare, Action<StateMemory> apply)
{
    // Continuations run elsewhere: a caller must not hold up the next commit.
    private readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Task => done.Task;

    public IReadOnlyList<RowChange> Prepare(StateMemory memory) => prepare(memory);

    public void Apply(StateMemory memory) => apply(memory);

    public void Complete() => done.TrySetResult();

    public void Fail(Exception exception) => done.TrySetException(exception);
}
