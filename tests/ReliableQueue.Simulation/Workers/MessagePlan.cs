using ReliableQueue.Simulation.World;

namespace ReliableQueue.Simulation.Workers;

/// <summary>What will happen whenever a message is handled.</summary>
internal sealed record MessagePlan(Behaviour Behaviour, TimeSpan Duration)
{
    public static MessagePlan Draw(Chance chance, SimulationOptions options)
    {
        var behaviour = chance.Hit(options.Poison) ? Behaviour.KillItsWorker
            : chance.Hit(options.StrangeHandlers) ? chance.Pick(Behaviour.Fail, Behaviour.FailAtFirst, Behaviour.Reject, Behaviour.HangTillToken, Behaviour.IgnoreToken)
            : Behaviour.Succeed;

        // Without a time limit, a handler that hangs hangs without end: that is its author's promise to keep.
        behaviour = behaviour == Behaviour.HangTillToken && options.HandlerTimeout is null ? Behaviour.IgnoreToken : behaviour;
        return new MessagePlan(behaviour, chance.Hit(0.4) ? chance.Between(TimeSpan.Zero, options.LongestHandler) : chance.Milliseconds(0, 500));
    }
}
