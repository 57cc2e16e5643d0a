using ReliableQueue.Diagnostics;
using ReliableQueue.State;

namespace ReliableQueue.Working.Life;

/// <summary>How a worker comes by its state: in an application from its file, in a test from memory.</summary>
/// <param name="Path">Where the state is, for people to read.</param>
/// <param name="Inspect">Refuses a file that cannot be used, before the host starts. Throws <see cref="StateFileException"/>.</param>
/// <param name="OpenAsync">Waits until no other process holds the file, telling who does, and opens it.</param>
internal sealed record StateOpening(string Path, Action Inspect, Func<Action<string>, CancellationToken, Task<IWorkerState>> OpenAsync)
{
    public static StateOpening OfFile(string path, Surroundings surroundings)
    {
        FileStamp? inspected = null;
        return new StateOpening(path, () => inspected = StateFile.Inspect(path), OpenAsync);

        async Task<IWorkerState> OpenAsync(Action<string> wait, CancellationToken cancellationToken)
        {
            var opening = new FileOpening(path, surroundings.Time) { Inspected = inspected };
            return (await StateFile.OpenAsync(opening, surroundings.Logger, owner => wait(owner.ToString()), cancellationToken)).Journal;
        }
    }

    /// <summary>For a worker that was told to keep no file.</summary>
    public static StateOpening OfNoFile(Surroundings surroundings) => new(UnsavedState.Place, () => { }, (_, _) => Task.FromResult(UnsavedState.Open(surroundings.Time)));
}
