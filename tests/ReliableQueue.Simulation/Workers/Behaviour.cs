namespace ReliableQueue.Simulation.Workers;

/// <summary>What the handler of a message does.</summary>
internal enum Behaviour
{
    Succeed,
    Fail,
    FailAtFirst,
    Reject,
    HangTillToken,
    IgnoreToken,
    KillItsWorker,
}
