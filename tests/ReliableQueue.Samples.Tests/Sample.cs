using ReliableQueue.TestKit;

namespace ReliableQueue.Samples.Tests;

/// <summary>Starts the samples that were built with these tests, in the same configuration.</summary>
internal static class Sample
{
    public static RunningProgram Start(string name, params string[] arguments)
    {
        var framework = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var configuration = framework.Parent ?? throw new InvalidOperationException($"{framework} is not where tests are built.");
        var folder = Path.GetFullPath(Path.Combine("..", "..", "..", "..", "samples", name, "bin", configuration.Name, framework.Name), configuration.FullName);
        return RunningProgram.Start(Path.Combine(folder, name), folder, arguments);
    }
}
