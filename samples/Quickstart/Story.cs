using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ReliableQueue;
using ReliableQueue.Broker;

namespace Quickstart;

/// <summary>Enqueues real work, kills workers in the middle of it, and verifies that nothing is lost.</summary>
internal sealed class Story(BrokerAddress address, DirectoryInfo work, IQueueClient client, IQueueBroker broker, CancellationToken cancellationToken)
{
    private static readonly QueueName Queue = QueueName.Parse(ChecksumWorker.Queue);
    private static readonly TimeSpan LongMessageTakes = TimeSpan.FromSeconds(3);

    private readonly Timeline timeline = new();
    private readonly Ledger ledger = new();
    private readonly Verdict verdict = new();

    private string EffectLogPath => Path.Combine(work.FullName, "effects.log");

    /// <summary>Runs all of it and removes what it made.</summary>
    /// <returns>The exit code: 0 if everything was verified.</returns>
    public static async Task<int> RunAsync(StoryOptions options, CancellationToken cancellationToken)
    {
        var work = Directory.CreateTempSubdirectory("reliablequeue-quickstart-");
        var address = options.Redis is null
            ? new BrokerAddress(Path.Combine(work.FullName, "queue.db"), null)
            : new BrokerAddress(options.Redis, work.Name.ToLowerInvariant());
        try
        {
            return await RunAsync(address, work, options, cancellationToken) ? 0 : 1;
        }
        catch (Exception exception) when (exception is StoryException or BrokerUnavailableException or BrokerException or OperationCanceledException)
        {
            Console.WriteLine("FAILED: " + exception.Message);
            return 1;
        }
        finally
        {
            await address.RemoveAsync();
            work.Delete(recursive: true);
        }
    }

    private static async Task<bool> RunAsync(BrokerAddress address, DirectoryInfo work, StoryOptions options, CancellationToken cancellationToken)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddReliableQueue(queue => queue.UseBroker(_ => address.Open()));
        using var host = builder.Build();
        var broker = host.Services.GetRequiredService<IQueueBroker>();
        var client = host.Services.GetRequiredService<IQueueClient>();
        return await new Story(address, work, client, broker, cancellationToken).TellAsync(options);
    }

    private async Task<bool> TellAsync(StoryOptions options)
    {
        var files = FilesToChecksum.Find(options.Folder);
        var largest = files.Keys.MaxBy(path => new FileInfo(path).Length) ?? throw new StoryException($"There are no files in '{options.Folder}'.");
        timeline.Add("broker", address.ToString());

        var longId = (await client.EnqueueAsync(ChecksumWorker.Queue, new ChecksumAgainAndAgain(largest, LongMessageTakes), null, cancellationToken)).ToString();
        var ids = await client.EnqueueManyAsync(ChecksumWorker.Queue, files.Keys.Select(path => new ChecksumFile(path)), null, cancellationToken);
        var expected = ids.Select(id => id.ToString()).Zip(files.Values).Append((longId, files[largest])).ToDictionary();
        timeline.Add("producer", $"enqueued    1 message that takes {LongMessageTakes.TotalSeconds} s and {files.Count} messages, one per file of {options.Folder}");

        await KillInTheMiddleAsync(longId);
        var rejectedId = await RedeliverAndRejectAsync(longId, options.RedeliveredWithin);
        await ReplayRejectionAsync(rejectedId);
        await AuditAsync(expected, longId, rejectedId);
        verdict.Print();
        return verdict.Holds;
    }

    private async Task KillInTheMiddleAsync(string longId)
    {
        using var worker = StartWorker(AtRejection.GoOn, "started");
        await worker.WaitForAsync("it leases the long message", signal => signal is { Word: SignalWord.Leased } && signal.Message == longId, cancellationToken);
        timeline.Add(worker.Name, "leased      the long message, delivery 1, for an hour (VisibilityTimeout)");
        await worker.WaitForAsync("it is in the middle of the long message", signal => signal.Word == SignalWord.Halfway, cancellationToken);
        await worker.KillAsync(cancellationToken);
        var statistics = await broker.Admin.GetStatisticsAsync(Queue, cancellationToken);
        timeline.Add(worker.Name, $"killed      with SIGKILL, in the middle of the long message; the broker shows {statistics.Leased} leased, {statistics.Ready} ready");
        verdict.Check(statistics.Leased > 0, "The broker should still show the killed worker's lease.");
    }

    private async Task<string> RedeliverAndRejectAsync(string longId, TimeSpan within)
    {
        using var worker = StartWorker(AtRejection.StandStill, "restarted   with the same state file");
        var entered = await worker.WaitForAsync(
            "the long message is delivered again", signal => signal.Word == SignalWord.Entered && signal.Message == longId, cancellationToken);
        timeline.Add(worker.Name, $"leased      the long message again, delivery {ledger.Deliveries(longId)}: its handler runs {entered.Number:F0} ms after the host began to start");
        verdict.Check(
            entered.Number < within.TotalMilliseconds,
            $"The long message was delivered again after {entered.Number:F0} ms, not within {within.TotalMilliseconds:F0} ms. On a busy machine try --within 5.");

        await worker.WaitForAsync("the long message is acked", signal => signal.Word == SignalWord.Acked && signal.Message == longId, cancellationToken);
        timeline.Add(worker.Name, "acked       the long message");
        await FinishAsync(worker);

        var nowhere = Path.Combine(work.FullName, "no-such-file");
        var rejectedId = (await client.EnqueueAsync(ChecksumWorker.Queue, new ChecksumFile(nowhere), null, cancellationToken)).ToString();
        timeline.Add("producer", "enqueued    1 message for a file that does not exist");
        await worker.WaitForAsync("the handler rejects the message", signal => signal.Word == SignalWord.Rejected, cancellationToken);
        timeline.Add(worker.Name, "rejected    it: written to the state file, the broker is told next");
        await worker.KillAsync(cancellationToken);
        timeline.Add(worker.Name, "killed      with SIGKILL, before the broker was told");
        return rejectedId;
    }

    /// <summary>Waits until nothing is left. The broker is asked, because an ack just before the kill was never signalled.</summary>
    private async Task FinishAsync(WorkerProcess worker)
    {
        QueueStatistics left;
        do
        {
            await worker.WaitForAsync("the other messages are handled", signal => signal.Word == SignalWord.Idle, cancellationToken);
            left = await broker.Admin.GetStatisticsAsync(Queue, cancellationToken);
        }
        while (left is not { Ready: 0, Scheduled: 0, Leased: 0 });
        timeline.Add(worker.Name, "acked       all others");
    }

    private async Task ReplayRejectionAsync(string rejectedId)
    {
        var before = await broker.Admin.GetStatisticsAsync(Queue, cancellationToken);
        verdict.Check(before is { Leased: 1, DeadLettered: 0 }, $"The broker should know nothing of the rejection yet, but shows {before}.");

        using var worker = StartWorker(AtRejection.GoOn, "restarted   with the same state file");
        await worker.WaitForAsync("the rejection reaches the broker", signal => signal.Word == SignalWord.DeadLettered && signal.Message == rejectedId, cancellationToken);
        timeline.Add(worker.Name, "dead-letter the rejection, from the state file; its handler is not run again");
        await worker.WaitForAsync("it finds the queue empty", signal => signal.Word == SignalWord.Idle, cancellationToken);
        await worker.StopAsync(cancellationToken);
        timeline.Add(worker.Name, "stopped     because it was asked to; the queue is empty");
    }

    private async Task AuditAsync(Dictionary<string, string> expected, string longId, string rejectedId)
    {
        var browse = new BrowseRequest(Queue, MessageState.DeadLettered, Cursor: null, BrokerLimits.BatchSize);
        var deadLetters = (await broker.Admin.BrowseAsync(browse, cancellationToken)).Messages;
        var audit = new Audit(expected, EffectLog.Read(EffectLogPath), deadLetters, ledger, verdict);
        audit.CheckEffects();
        audit.CheckRedelivered(longId);
        audit.CheckRejected(rejectedId);
        audit.CheckEmpty(await broker.Admin.GetStatisticsAsync(Queue, cancellationToken));
        Console.WriteLine();
        audit.PrintTotals(rejectedId);
    }

    private WorkerProcess StartWorker(AtRejection atRejection, string how)
    {
        var options = new WorkerOptions(address, Path.Combine(work.FullName, "state", "worker.db"), EffectLogPath, atRejection);
        var worker = WorkerProcess.Start(options, (_, signal) => ledger.Add(signal));
        timeline.Add(worker.Name, how);
        return worker;
    }
}
