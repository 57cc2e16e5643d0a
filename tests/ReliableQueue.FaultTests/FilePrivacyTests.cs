using System.Runtime.Versioning;
using ReliableQueue.FaultWorker;
using ReliableQueue.TestKit;

namespace ReliableQueue.FaultTests;

/// <summary>The umask belongs to a process, so each of these workers is one of its own.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class FilePrivacyTests
{
    private const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Fact]
    public async Task Every_file_of_queue_and_state_is_its_owners_alone_whatever_the_umask()
    {
        var folder = Directory.CreateTempSubdirectory("rq-privacy-").FullName;
        string[] masks = ["000", "022", "077"];
        var workers = masks.Select(mask => Start(folder, mask)).ToList();
        try
        {
            foreach (var worker in workers)
            {
                await worker.ReadyAsync();
                await worker.AskAsync("enqueue", "enqueued ");
                await worker.DoesAsync(EffectKind.End);
            }

            foreach (var mask in masks)
            {
                var own = Path.Combine(folder, mask);
                string[] files = [Path.Combine(own, "data", "queue.db"), Path.Combine(own, "state", "worker.db")];
                Assert.All(
                    files.SelectMany(file => new[] { file, file + "-wal", file + "-shm" }).Append(files[1] + ".lock"), file => Assert.Equal((file, FileMode), (file, File.GetUnixFileMode(file))));
                Assert.All(files.Select(Path.GetDirectoryName).OfType<string>(), made => Assert.Equal((made, FileMode | UnixFileMode.UserExecute), (made, File.GetUnixFileMode(made))));
            }
        }
        finally
        {
            foreach (var worker in workers)
            {
                await worker.DisposeAsync();
            }

            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Through a script that sets the mask and becomes the worker.</summary>
    private static WorkerProcess Start(string folder, string mask)
    {
        var own = Directory.CreateDirectory(Path.Combine(folder, mask)).FullName;
        var script = Path.Combine(own, "start");
        File.WriteAllText(script, $"#!/bin/sh\numask {mask}\nexec '{Path.Combine(AppContext.BaseDirectory, "ReliableQueue.FaultWorker")}' \"$@\"\n");
        File.SetUnixFileMode(script, FileMode | UnixFileMode.UserExecute);
        return WorkerProcess.Start(
            [$"Broker=sqlite:{Path.Combine(own, "data", "queue.db")}", $"Effects={Path.Combine(own, "effects")}", $"ReliableQueue:Worker:StateFile={Path.Combine(own, "state", "worker.db")}"], script);
    }
}
