using ReliableQueue.State;
using ReliableQueue.Storage;

namespace ReliableQueue.Tests.State;

/// <summary>The life of a state file with a failure at each of its operations: what it said is durable is kept, what failed said so, and it works again afterwards.</summary>
public sealed class StateWriteSweepTests : IDisposable
{
    // Where there is a file system in memory, syncing costs nothing.
    private readonly StateFolder folder = new(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath());

    private int files;

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(WriteFaultKind.Commit)]
    [InlineData(WriteFaultKind.Statement)]
    public async Task A_write_that_fails_at_any_operation_says_so_and_leaves_nothing_half_done(WriteFaultKind kind)
    {
        var operations = await LiveAsync(kind, new WriteFault(kind, 0), isRepeated: false, $"{kind}, nothing fails");
        Assert.InRange(operations, 8, 2000);
        foreach (var isRepeated in new[] { false, true })
        {
            for (var at = 1; at <= operations; at++)
            {
                var fault = new WriteFault(kind, at);
                await LiveAsync(kind, fault, isRepeated, $"{kind} {at} of {operations}{(isRepeated ? ", repeated" : "")}");
                Assert.True(fault.IsOver, $"{kind} {at} of {operations} was never reached");
            }
        }
    }

    [Fact]
    public async Task A_disk_that_is_full_at_any_page_loses_nothing_that_was_said_to_be_kept()
    {
        // A file system that is really full where one may be mounted, a limit on pages elsewhere.
        var disk = Directory.CreateDirectory(Path.Combine(folder.Folder, "disk")).FullName;
        var isMounted = StateFolder.TryShell($"mount -t tmpfs -o size=512k none '{disk}' 2>/dev/null");
        try
        {
            var failed = 0;
            for (var pages = 0; pages < 40; pages++)
            {
                failed += await FillAsync(disk, isMounted, pages) ? 1 : 0;
            }

            Assert.InRange(failed, 5, 40);
        }
        finally
        {
            _ = isMounted && StateFolder.TryShell($"umount '{disk}'");
        }
    }

    private async Task<int> LiveAsync(WriteFaultKind kind, WriteFault fault, bool isRepeated, string when)
    {
        var path = Path.Combine(folder.Folder, $"{++files}.db");
        var life = new StateLife(folder);
        await using (var state = await folder.OpenAsync(path))
        {
            state.OnTransaction = fault.Watch;
            foreach (var (name, write) in life.Writes)
            {
                if (await life.MakeAsync(state, name, write))
                {
                    continue;
                }

                Assert.True(state.Fault is not null, $"{when}, {name}: failed and no fault is told");
                await state.ProbeAsync();
                Assert.True(state.Fault is null, $"{when}, {name}: {state.Fault}");
                Assert.True(!isRepeated || await life.MakeAsync(state, name, write), $"{when}, {name}: cannot be written again");
            }
        }

        await life.AssertKeptAsync(path, mayEndFailed: kind == WriteFaultKind.Statement, when);
        return fault.Operations;
    }

    /// <summary>True when a write failed.</summary>
    private async Task<bool> FillAsync(string disk, bool isMounted, int pages)
    {
        var path = Path.Combine(disk, $"{++files}.db");
        var ballast = Path.Combine(disk, "ballast");
        var (when, life, failed) = ($"{pages} pages free", new StateLife(folder), false);
        await using (var state = await folder.OpenAsync(path))
        {
            _ = isMounted && StateFolder.TryShell($"cat /dev/zero > '{ballast}' 2>/dev/null; truncate -s -{pages * 4096} '{ballast}'");
            state.OnTransaction = isMounted ? null : connection => Limit(connection, pages);
            foreach (var (name, write) in life.Writes)
            {
                if (await life.MakeAsync(state, name, write))
                {
                    continue;
                }

                failed = true;
                Assert.True(state.Fault?.Contains("disk is full", StringComparison.Ordinal), $"{when}, {name}: {state.Fault}");
                await state.ProbeAsync();
            }

            File.Delete(ballast);
            state.OnTransaction = null;
            await state.ProbeAsync();
            Assert.True(state.Fault is null, $"{when}: {state.Fault}");
        }

        await life.AssertKeptAsync(path, mayEndFailed: false, when);
        StateFolder.Shell($"rm -f '{path}'*");
        return failed;
    }

    private static void Limit(Connection connection, int pages) => connection.Execute($"PRAGMA max_page_count = {Math.Max(1, 12 + pages - 20)}");
}
