namespace ReliableQueue.Tests.State;

/// <summary>Where SQLite fails.</summary>
public enum WriteFaultKind
{
    /// <summary>A commit turns into a rollback.</summary>
    Commit,

    /// <summary>A statement is ended between two instructions.</summary>
    Statement,
}
