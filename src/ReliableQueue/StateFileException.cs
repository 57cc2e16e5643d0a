namespace ReliableQueue;

/// <summary>The worker's state file cannot be used: damaged, foreign, of a newer version, not writable, or on a full disk. It is never deleted or overwritten.</summary>
public sealed class StateFileException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="path">The full path of the file.</param>
    /// <param name="message">What is wrong with it and what to do.</param>
    /// <param name="innerException">What was thrown underneath, when something was.</param>
    public StateFileException(string path, string message, Exception? innerException = null)
        : base(message, innerException) => Path = path;

    /// <summary>The full path of the file.</summary>
    public string Path { get; }

    /// <summary>The text alone. It says what to do; the places in the framework that a failed start went through hide it.</summary>
    public override string ToString() => Message;
}
