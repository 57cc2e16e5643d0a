using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;
using ReliableQueue.Working.Lease;

namespace ReliableQueue.Working.Life;

/// <summary>
/// Says once a minute that this worker handles a queue, so that an operator sees it by name although it holds nothing. Nothing on the path of a message depends on it: an
/// announcement that fails is left out, and the next one is due a minute later.
/// </summary>
internal sealed class SessionAnnouncer(string worker, LeaseSettings settings, IQueueBroker broker, QueueSignals signals, Surroundings surroundings)
{
    private const int MaxNameLength = 256;

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    // Two announcements may fail before the worker is no longer shown.
    private static readonly TimeSpan Validity = TimeSpan.FromMinutes(3);

    // A stop does not wait longer than this for the broker to forget the worker: the announcement ends by itself.
    private static readonly TimeSpan WithdrawalLimit = TimeSpan.FromSeconds(1);

    private readonly string name = NameOf(worker, Environment.MachineName, Environment.ProcessId);
    private readonly Signal changed = new(surroundings.Time);
    private SessionId session;
    private bool isListed;

    /// <summary>For example <c>billing, process 17 on host 'web-3'</c>; the unnamed worker has no name before it.</summary>
    public static string NameOf(string worker, string host, int process)
    {
        var text = $"{worker}{(worker.Length == 0 ? "" : ", ")}process {process} on host '{host}'";
        return text.Length <= MaxNameLength ? text : text[..MaxNameLength];
    }

    /// <summary>A session began: it is announced at once.</summary>
    public void Begin(SessionId begun)
    {
        session = begun;
        changed.Set();
    }

    /// <summary>
    /// Announces until the worker is told to stop, then once for as long as its drain may take, and withdraws that at the end of the drain: a worker that has ended is not shown.
    /// </summary>
    /// <param name="longestDrain">How long the worker may go on after it was told to stop.</param>
    /// <param name="stopping">Fires when it is told.</param>
    /// <param name="abandon">Fires at the end of the drain: an announcement without an answer is not waited for.</param>
    public async Task RunAsync(TimeSpan longestDrain, CancellationToken stopping, CancellationToken abandon)
    {
        using var ending = stopping.UnsafeRegister(static changed => ((Signal?)changed)?.Set(), changed);
        while (!stopping.IsCancellationRequested)
        {
            await AnnounceAsync(Validity, abandon);
            await changed.WaitAsync(surroundings.Time.OnGrid(surroundings.Random.Jitter(Interval), Interval));
        }

        await AnnounceAsync(longestDrain, abandon);
        await surroundings.Time.PauseAsync(Timeout.InfiniteTimeSpan, abandon);
        if (isListed)
        {
            using var limit = new CancellationTokenSource(WithdrawalLimit, surroundings.Time);
            await AnnounceAsync(TimeSpan.Zero, limit.Token);
        }
    }

    private async Task AnnounceAsync(TimeSpan validity, CancellationToken abandon)
    {
        if (session == default)
        {
            return;
        }

        try
        {
            await broker.Admin.AnnounceAsync(new WorkerAnnouncement(settings.Queue, session, name, settings.Concurrency, validity), abandon).WaitAsync(abandon);
            isListed = true;
        }
        catch (Exception exception)
        {
            // Whatever it is: the pump reports an outage, and nobody waits for this.
            signals.NotAnnounced(exception);
        }
    }
}
