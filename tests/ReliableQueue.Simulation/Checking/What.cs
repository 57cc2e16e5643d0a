namespace ReliableQueue.Simulation.Checking;

/// <summary>What an event of the history says.</summary>
internal enum What
{
    // The broker, in the step that changed it: the truth, in its one order.
    Created,
    LeaseCall,
    Leased,
    Renewed,
    Settled,
    Reclaimed,
    Returned,
    DeadLettered,
    SessionReturned,
    RolledBack,
    Flushed,

    // The producer.
    EnqueueAsked,
    EnqueueAcknowledged,
    EnqueueUnknown,

    // A worker.
    Began,
    HandlerStarted,
    LeaseSeenValid,
    HandlerEnded,
    SettleAsked,
    SettleAnswered,
    SettleFailed,
    Recorded,
    RecordFailed,
    SessionBegun,
    SessionEnded,
    StopAsked,
    Stopped,

    // What is done to it.
    Killed,
    PowerLost,
    Paused,
    Stalled,
    CutOff,
    Damaged,
    RowDropped,
    WallJumped,
    Outage,
    DiskFull,
    Healed,
}
