using ReliableQueue.Broker;

namespace ReliableQueue.Tests.Worker;

/// <summary>Counts the calls a worker makes to its broker, renewals too, and makes the k-th fail, and what follows within a time.</summary>
internal sealed class CallSpoiler(int call, BrokerFault fault, bool isExecuted, TimeSpan lasting)
{
    private bool fails;
    private long? since;

    public int Calls { get; private set; }

    public TimeSpan Lasting => lasting;

    public void Spoil(WorkerRig rig)
    {
        rig.Broker.Before = name =>
        {
            fails = IsOfTheWorker(name) && Fails(rig);
            return fails && !isExecuted ? throw Fault(name) : Task.CompletedTask;
        };
        rig.Broker.After = name => fails && isExecuted && IsOfTheWorker(name) ? throw Fault(name) : Task.CompletedTask;
        rig.Broker.BeforeRenewal = () =>
        {
            if (Fails(rig))
            {
                throw Fault("renew");
            }
        };
    }

    private static bool IsOfTheWorker(string name) => name is "lease" or "settle" or "return";

    private bool Fails(WorkerRig rig)
    {
        var now = rig.Time.GetTimestamp();
        since = ++Calls == call ? now : since;
        return Calls == call || (since is { } began && now - began < lasting.Ticks);
    }

    private BrokerException Fault(string name) => new(fault, $"injected into {name}");
}
