namespace ReliableQueue.FaultWorker;

public enum EffectKind
{
    /// <summary>A handler was entered.</summary>
    Start,

    /// <summary>A handler is about to return.</summary>
    End,

    /// <summary>A handler is about to throw.</summary>
    Fail,

    /// <summary>A handler heeds its token.</summary>
    Cancel,

    /// <summary>The host of the process begins to start.</summary>
    Host,

    /// <summary>The state file has on disk that the message is rejected, or finished, and will not run here again.</summary>
    Record,
}
