namespace ReliableQueue.FaultWorker;

public enum WorkOrderAct
{
    /// <summary>Returns after the time, or when its token fires.</summary>
    Return,

    /// <summary>Returns after the time whatever its token says.</summary>
    IgnoreToken,

    /// <summary>Waits for a command and then returns, throws or rejects the message, whatever its token says.</summary>
    WhenTold,

    /// <summary>Ends the process by <c>Environment.FailFast</c>.</summary>
    FailFast,

    /// <summary>Ends the process by <c>Environment.Exit</c>.</summary>
    Exit,

    /// <summary>Ends the process by SIGKILL.</summary>
    Kill,

    /// <summary>Keeps every thread of a small pool busy for the time, and its own with them.</summary>
    BlockThePool,
}
