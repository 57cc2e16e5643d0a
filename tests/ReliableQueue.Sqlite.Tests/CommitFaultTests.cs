using Xunit;

namespace ReliableQueue.Sqlite.Tests;

/// <summary>A canned life whose first, second, third … commit fails.</summary>
public sealed class CommitFaultTests : SqliteTest
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_call_whose_commit_fails_is_said_to_be_unknown_and_is_done_once_when_it_is_repeated(bool isDone)
    {
        var commits = await LiveAsync(0, isDone);
        Assert.InRange(commits, 7, 30);
        for (var commit = 1; commit <= commits; commit++)
        {
            await LiveAsync(commit, isDone);
        }
    }

    /// <summary>Returns how many commits there were.</summary>
    private static async Task<int> LiveAsync(int failing, bool isDone)
    {
        using var file = TemporaryFile.InMemory();
        using var fault = new CommitFault(file.Path, failing, isDone);
        await using var broker = file.Open();
        var life = new QueueLife(broker, Queue, file.Time);
        await life.BeginAsync();
        fault.Begin();
        await life.LiveAsync(fault);
        Assert.True(failing == 0 || fault.Failed == 1, $"commit {failing} was never reached");
        return fault.Commits;
    }
}
