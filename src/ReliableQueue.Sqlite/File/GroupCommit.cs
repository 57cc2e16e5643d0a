using ReliableQueue.Broker;
using ReliableQueue.Storage;

namespace ReliableQueue.Sqlite;

/// <summary>
/// Runs a group of calls as one transaction, so that they share one fsync. Each has a savepoint of its own: the fault of one undoes that one, and it alone.
/// Used by the writer's thread only.
/// </summary>
internal sealed class GroupCommit(QueueFile file, Action<IEnumerable<(QueueName Queue, QueueHint Hint)>> wake)
{
    private Connection? connection;

    public void Run(List<WriteOperation> group)
    {
        while (group.Count > 0)
        {
            try
            {
                var open = connection ??= file.Connect();
                group = Begin(open, group) ? Attempt(open, group) : [];
            }
            catch (Exception fault)
            {
                // Nothing of this group is committed, and closing the connection undoes it. The thread goes on: without it no call would be answered again.
                Reopen();
                var known = AsBrokerException(fault);
                group.ForEach(operation => operation.Fail(known));
                return;
            }
        }
    }

    public void Close() => Reopen();

    /// <summary>Takes turn and lock. Calls that have waited too long leave the group; false when none is left.</summary>
    private bool Begin(Connection open, List<WriteOperation> group)
    {
        while (!TryBegin(open))
        {
            var mayWait = file.RestWhileBusy();
            foreach (var late in group.Where(operation => !mayWait || file.IsOver(operation.Start)).ToList())
            {
                group.Remove(late);
                late.Fail(file.Busy());
            }

            if (group.Count == 0)
            {
                return false;
            }
        }

        return true;
    }

    private bool TryBegin(Connection open)
    {
        var begun = false;
        file.Turn.TakeForGroup();
        try
        {
            return begun = open.TryBegin();
        }
        finally
        {
            if (!begun)
            {
                file.Turn.GiveBack();
            }
        }
    }

    /// <summary>Runs and commits; answers with the calls that must run again, because the fault of another undid the whole transaction.</summary>
    private List<WriteOperation> Attempt(Connection open, List<WriteOperation> group)
    {
        var done = new List<WriteOperation>(group.Count);
        var woken = new HashSet<(QueueName Queue, QueueHint Hint)>();
        try
        {
            file.DemandKnownVersion(open);
            for (var i = 0; i < group.Count; i++)
            {
                if (RunAlone(open, group[i], woken))
                {
                    done.Add(group[i]);
                }
                else if (!open.InTransaction)
                {
                    Reopen();
                    return [.. done, .. group.Skip(i + 1)];
                }
            }

            Commit(open, done);
        }
        finally
        {
            file.Turn.GiveBack();
        }

        done.ForEach(operation => operation.Complete());
        wake(woken);
        return [];
    }

    private bool RunAlone(Connection open, WriteOperation operation, HashSet<(QueueName Queue, QueueHint Hint)> woken)
    {
        try
        {
            open.Run("SAVEPOINT one");
            var context = new WriteContext(open, file, woken);
            operation.Run(context);
            context.Complete();
            open.Run("RELEASE one");
            return true;
        }
        catch (Exception fault)
        {
            if (open.InTransaction)
            {
                open.Run("ROLLBACK TO one");
                open.Run("RELEASE one");
            }

            operation.Fail(AsBrokerException(fault));
            return false;
        }
    }

    private BrokerException AsBrokerException(Exception fault) => fault switch
    {
        BrokerException known => known,
        SqliteFailure failure => failure.BeforeCommit(file.Path),
        _ => new BrokerException(BrokerFault.Refused, $"Queue file '{file.Path}': the call cannot be done: {fault.Message}", fault),
    };

    private void Commit(Connection open, List<WriteOperation> done)
    {
        try
        {
            open.Run("COMMIT");
        }
        catch (SqliteFailure failure)
        {
            // Closing undoes what is still open. Every caller of the group learns the same of the outcome, and may repeat.
            Reopen();
            var fault = failure.AtCommit(file.Path);
            done.ForEach(operation => operation.Fail(fault));
            done.Clear();
        }
    }

    private void Reopen()
    {
        connection?.Dispose();
        connection = null;
    }
}
