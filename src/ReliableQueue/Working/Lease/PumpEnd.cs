namespace ReliableQueue.Working.Lease;

/// <summary>Why a pump ended.</summary>
internal enum PumpEnd
{
    /// <summary>It was told to.</summary>
    Stopped,

    /// <summary>It gave up a call that may have leased messages: the session must be returned at the next start.</summary>
    Abandoned,

    /// <summary>Another process returned this session, taking this one for dead: begin a new session.</summary>
    Fenced,
}
