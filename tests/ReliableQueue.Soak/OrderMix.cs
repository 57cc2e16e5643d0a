using ReliableQueue.FaultWorker;

namespace ReliableQueue.Soak;

/// <summary>What the messages are: mostly short, and a few of each kind of trouble.</summary>
internal sealed class OrderMix(int seed)
{
    private const int BallastBytes = 200_000;

    // Early enough that a run of a minute meets one.
    private const long FirstKiller = 400;
    private const int MessagesPerKiller = 15_000;

    private readonly Random random = new(seed);

    public WorkOrder Next(long number)
    {
        if (number == FirstKiller || random.Next(MessagesPerKiller) == 0)
        {
            return Order(WorkOrderAct.Kill, 0);
        }

        return random.Next(1000) switch
        {
            < 4 => Order(WorkOrderAct.Return, random.Next(4_000, 8_000)),
            < 6 => Order(WorkOrderAct.IgnoreToken, random.Next(3_000, 6_000)),
            < 26 => Order(WorkOrderAct.ThrowOnce, random.Next(5)),
            < 36 => Order(WorkOrderAct.ThrowTwice, random.Next(5)),
            < 46 => Order(WorkOrderAct.Reject, random.Next(5)),
            < 49 => Order(WorkOrderAct.Throw, random.Next(5)),
            < 100 => Order(WorkOrderAct.Return, random.Next(50, 500)),
            _ => Order(WorkOrderAct.Return, random.Next(12)),
        };

        WorkOrder Order(WorkOrderAct act, int milliseconds) => new(act, milliseconds) { Number = number };
    }

    /// <summary>One of the messages that fill a file: large, and long in the hands of a worker.</summary>
    public static WorkOrder Ballast(long number) => new(WorkOrderAct.Return, 1_000) { Number = number, Ballast = new string('b', BallastBytes) };
}
