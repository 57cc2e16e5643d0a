using ReliableQueue.TestKit;

namespace ReliableQueue.ConsumerTests;

/// <summary>A small application of the folder Applications, built against the packages. Each start has a working folder of its own, as each instance of a deployment has.</summary>
/// <param name="Program">What was built.</param>
public sealed record Application(string Program)
{
    /// <summary>Starts it in an empty folder.</summary>
    public RunningProgram Start(params string[] arguments) => StartIn(NewFolder(), arguments);

    /// <summary>Starts it in a folder that <see cref="NewFolder"/> made.</summary>
    public RunningProgram StartIn(string folder, params string[] arguments) => RunningProgram.Start(Program, folder, arguments);

    /// <summary>An empty folder to run in. It goes with the feed.</summary>
    public string NewFolder() =>
        Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(Program) ?? "", "..", $"run-{Guid.NewGuid():N}")).FullName;
}
