using ReliableQueue.Broker;
using ReliableQueue.Storage;

namespace ReliableQueue.Sqlite;

/// <summary>Renews on the caller's thread, over a connection of its own: neither the pool nor the writer's queue stands between a lease and its renewal.</summary>
internal sealed class RenewalConnection(QueueFile file) : IRenewalConnection
{
    private readonly Lock gate = new();
    private Connection? connection;

    public RenewReply Renew(RenewRequest request)
    {
        SqliteQueueBroker.DemandBatch(request.Leases.Count);
        lock (gate)
        {
            var open = connection ??= file.Connect();
            Begin(open);
            try
            {
                file.DemandKnownVersion(open);
                var results = RenewStep.Run(new WriteContext(open, file, []), request);
                open.Run("COMMIT");
                return results;
            }
            catch (Exception fault)
            {
                // Closing undoes what is open. Renewing is the same however often it is done, so what a commit did need not be known: the caller asks again.
                Reopen();
                throw fault is SqliteFailure failure ? failure.AtCommit(file.Path) : fault;
            }
            finally
            {
                file.Turn.GiveBack();
            }
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            Reopen();
        }
    }

    private void Begin(Connection open)
    {
        var start = file.Environment.Time.GetTimestamp();
        while (!TryBegin(open))
        {
            if (file.IsOver(start) || !file.RestWhileBusy())
            {
                throw file.Busy();
            }
        }
    }

    private bool TryBegin(Connection open)
    {
        if (!file.Turn.TryTakeForRenewal(file.CallTimeout))
        {
            return false;
        }

        var begun = false;
        try
        {
            return begun = open.TryBegin();
        }
        catch (SqliteFailure failure)
        {
            Reopen();
            throw failure.BeforeCommit(file.Path);
        }
        finally
        {
            if (!begun)
            {
                file.Turn.GiveBack();
            }
        }
    }

    private void Reopen()
    {
        connection?.Dispose();
        connection = null;
    }
}
