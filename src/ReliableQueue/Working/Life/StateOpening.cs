using ReliableQueue.Diagnostics;
using ReliableQueue.State;

namespace ReliableQueue.Working.Life;

/// <summary>How a worker comes by its state: in an application from its file, or from none if it was told so; in a test from memory.</summary>
/// <param name="Path">Where the state is, for people to read.</param>
/// <param name="Inspect">Refuses a file that cannot be used, before the host starts. Throws <see cref="StateFileException"/>.</param>
/// <param name="OpenAsync">Waits until no other process holds the file, telling who does, and opens it.</param>
internal sealed record StateOpening(string Path, Action Inspect, Func<Action<string>, CancellationToken, Task<IWorkerState>> OpenAsync)
{
    public static StateOpening Of(StateFileBlueprint file, Surroundings surroundings) =>
        file.Path == UnsavedState.Place ? OfNoFile(surroundings) : OfFile(file, surroundings);

    private static StateOpening OfFile(StateFileBlueprint file, Surroundings surroundings)
    {
        FileStamp? inspected = null;
        return new StateOpening(file.Path, Inspect, OpenAsync);

        void Inspect()
        {
            try
            {
                inspected = StateFile.Inspect(file.Path);
            }
            catch (StateFileException exception)
            {
                throw WithKey(exception, file.Key);
            }
        }

        async Task<IWorkerState> OpenAsync(Action<string> wait, CancellationToken cancellationToken)
        {
            try
            {
                var opening = new FileOpening(file.Path, surroundings.Time) { Inspected = inspected };
                return (await StateFile.OpenAsync(opening, surroundings.Logger, owner => wait(owner.ToString()), cancellationToken)).Journal;
            }
            catch (StateFileException exception)
            {
                throw WithKey(exception, file.Key);
            }
        }
    }

    private static StateOpening OfNoFile(Surroundings surroundings) => new(UnsavedState.Place, () => { }, (_, _) =>
    {
        surroundings.Logger.NoStateFile();
        return Task.FromResult(UnsavedState.Open(surroundings.Time));
    });

    /// <summary>Who reads the text may never have set a path: it says where one is set.</summary>
    private static StateFileException WithKey(StateFileException exception, string key) => new(
        exception.Path,
        $"{exception.Message} The path is set by {key} in the configuration, {key.Replace(":", "__", StringComparison.Ordinal)} in the environment, or StateFile(path) in code.",
        exception.InnerException);
}
