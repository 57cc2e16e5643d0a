using ReliableQueue.Broker;
using ReliableQueue.State;

namespace ReliableQueue.Tests.State;

/// <summary>A copy must not act for the original, which may be alive; a file that was moved is still the same worker's.</summary>
public sealed class StateFileCopyTests : IDisposable
{
    private readonly StateFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_copy_remembers_and_returns_nothing()
    {
        StateRecord[] records = await FillAsync();
        var copy = folder.CopyAsKilled();
        for (var run = 0; run < 2; run++)
        {
            await using var state = await folder.OpenAsync(copy);
            Assert.Empty(state.Unconfirmed());
            Assert.Equal([true, true, false], records.Select(record => StateFolder.Recall(state, record) is not null));
            Assert.Null(state.Epoch());
            Assert.Equal(run, (await state.BeginSessionAsync(folder.NewSession())).Count);
        }
    }

    [Fact]
    public async Task A_moved_file_is_no_copy()
    {
        await FillAsync();
        var moved = Path.Combine(Directory.CreateDirectory(Path.Combine(folder.Folder, "elsewhere")).FullName, "other.db");
        File.Move(folder.FilePath, moved);

        await using var state = await folder.OpenAsync(moved);
        Assert.Equal(3, state.Unconfirmed().Count);
        Assert.Single(await state.BeginSessionAsync(folder.NewSession()));
    }

    [Fact]
    public async Task A_file_that_came_with_a_disk_image_from_another_machine_is_a_copy()
    {
        await FillAsync();
        using (var database = StateDatabase.Open(folder.FilePath))
        {
            database.TakeOver();
            database.WriteAll([new RowChange(StateTable.Identity, 1, ["another machine", FileIdentity.Of(folder.FilePath)])]);
        }

        await using var state = await folder.OpenAsync();
        Assert.Empty(state.Unconfirmed());
    }

    [Fact]
    public async Task A_file_whose_identity_is_damaged_is_taken_for_a_copy_once()
    {
        await FillAsync();
        using (var database = StateDatabase.Open(folder.FilePath))
        {
            database.TakeOver();
            database.Execute("UPDATE identity SET machine = 'damaged'");
        }

        await using (var state = await folder.OpenAsync())
        {
            Assert.Equal(1, state.DamagedRows);
            Assert.Empty(await state.BeginSessionAsync(folder.NewSession()));
        }

        await using var next = await folder.OpenAsync();
        Assert.Equal(1, next.DamagedRows);
        Assert.Single(await next.BeginSessionAsync(folder.NewSession()));
    }

    private async Task<StateRecord[]> FillAsync()
    {
        StateRecord[] records = [folder.NewRejection(), folder.NewCompletion(), folder.NewUnsent(Settlement.Ack.Plain)];
        await using var state = await folder.OpenAsync();
        await state.BeginSessionAsync(folder.NewSession());
        await state.NoteEpochAsync(1);
        await state.RecordAsync(records);
        return records;
    }
}
