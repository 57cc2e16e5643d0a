namespace Quickstart;

/// <summary>What a worker process tells the story on its standard output, as it happens.</summary>
internal enum SignalWord
{
    /// <summary>A message was leased. The number is its delivery count.</summary>
    Leased,

    /// <summary>A handler was entered. The number is the time since the host of the process started, in milliseconds.</summary>
    Entered,

    /// <summary>The long message is half done.</summary>
    Halfway,

    /// <summary>The broker has confirmed an ack.</summary>
    Acked,

    /// <summary>A handler rejected the message: that is in the state file, and the broker is told next.</summary>
    Rejected,

    /// <summary>The broker has confirmed a dead letter.</summary>
    DeadLettered,

    /// <summary>The worker asked for messages and there were none.</summary>
    Idle,
}
