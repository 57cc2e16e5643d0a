using ReliableQueue.TestKit;

namespace ReliableQueue.Samples.Tests;

/// <summary>Starts the samples that were built with these tests, in the same configuration.</summary>
internal static class Sample
{
    public static RunningProgram Start(string name, params string[] arguments) => RunningProgram.Start(Path.Combine(FolderOf(name), name), FolderOf(name), arguments);

    /// <summary>Where a sample was built to.</summary>
    public static string FolderOf(string name)
    {
        var framework = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var configuration = framework.Parent ?? throw new InvalidOperationException($"{framework} is not where tests are built.");
        return Path.GetFullPath(Path.Combine("..", "..", "..", "..", "samples", name, "bin", configuration.Name, framework.Name), configuration.FullName);
    }
}
