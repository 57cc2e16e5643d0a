using ReliableQueue.Broker;
using ReliableQueue.Storage;
using ReliableQueue.TestKit;
using Xunit;

namespace ReliableQueue.Sqlite.Tests;

/// <summary>A canned life on a file system that has room for no, one, two, three … pages more.</summary>
public sealed class FullDeviceTests(ITestOutputHelper output) : SqliteTest
{
    private const int MostPages = 200;

    [Fact]
    public async Task A_call_that_finds_the_disk_full_at_any_page_is_undone_whole_and_done_when_there_is_room()
    {
        using var disk = new SmallDisk(Path.Combine(Path.GetDirectoryName(File.Path) ?? "", "disk"), kilobytes: 2048);
        var pages = 0;
        while (pages < MostPages && await FailsAsync(disk, pages))
        {
            pages++;
        }

        output.WriteLine(disk.IsMounted ? $"The whole life fits on {pages} pages." : "No file system may be mounted here: what fills up is a limit on the file, in other tests.");
        Assert.InRange(pages, disk.IsMounted ? 10 : 0, MostPages - 1);
    }

    private static async Task<bool> FailsAsync(SmallDisk disk, int pages)
    {
        using var file = TemporaryFile.On(Path.Combine(disk.Path, "life"));
        var broker = file.Open();
        var life = new QueueLife(broker, Queue, file.Time);
        await life.BeginAsync();
        using var fault = new DeviceFault(file.Path, disk, pages);
        disk.Fill(pages);
        await life.LiveAsync(fault);
        var left = fault.Dump();
        disk.Fill();
        await broker.DisposeAsync();
        fault.Dispose();
        disk.MakeRoom();

        // Whoever opens the file next finds all of it: in the log, when there was no room to move it.
        using var next = Connection.Open(file.Path);
        Assert.True(left == QueueRows.Dump(next), $"{pages} pages: not the same when it is opened again");
        return fault.Failed > 0;
    }

    private sealed class DeviceFault(string path, SmallDisk disk, int pages) : ICallFault, IDisposable
    {
        private readonly Connection stranger = Connection.Open(path);

        public int Failed { get; private set; }

        public bool WasDoneTwice => false;

        public string Dump() => QueueRows.Dump(stranger);

        public async Task<T> CallAsync<T>(string name, Func<Task<T>> call)
        {
            var before = Dump();
            try
            {
                return await call();
            }
            catch (BrokerException fault)
            {
                Failed++;
                Assert.True(fault.Fault == BrokerFault.Full, $"{pages} pages, {name}: said to be {fault.Fault}: {fault.Message}");
                Assert.True(before == Dump(), $"{pages} pages, {name}: half done");
                disk.MakeRoom();
                return await call();
            }
        }

        public void Dispose() => stranger.Dispose();
    }
}
