namespace ReliableQueue.FaultWorker;

public enum WorkOrderAct
{
    /// <summary>Returns after the time, or when its token fires.</summary>
    Return,

    /// <summary>Returns after the time whatever its token says.</summary>
    IgnoreToken,

    /// <summary>Throws on the first delivery and returns on the next.</summary>
    ThrowOnce,

    /// <summary>Throws on the first two deliveries and returns on the next.</summary>
    ThrowTwice,

    /// <summary>Throws every time.</summary>
    Throw,

    /// <summary>Rejects the message.</summary>
    Reject,

    /// <summary>Waits for a command and then returns, throws or rejects the message, whatever its token says.</summary>
    WhenTold,

    /// <summary>Writes its fence to both stores after the time, whatever its token says.</summary>
    Store,

    /// <summary>Ends the process by a stack that is too deep.</summary>
    OverflowTheStack,

    /// <summary>Takes all the memory the process may have, and keeps it.</summary>
    ExhaustTheMemory,

    /// <summary>Throws where nobody can catch it.</summary>
    ThrowAsyncVoid,

    /// <summary>Makes the garbage collector stop the process again and again, for the time.</summary>
    HogTheHeap,

    /// <summary>Keeps every core busy for the time.</summary>
    HogTheCores,

    /// <summary>Ends the process by <c>Environment.FailFast</c>.</summary>
    FailFast,

    /// <summary>Ends the process by <c>Environment.Exit</c>.</summary>
    Exit,

    /// <summary>Ends the process by SIGKILL.</summary>
    Kill,

    /// <summary>Keeps every thread of a small pool busy for the time, and its own with them.</summary>
    BlockThePool,
}
