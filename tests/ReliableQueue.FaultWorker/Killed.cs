namespace ReliableQueue.FaultWorker;

/// <summary>What a process said before it killed itself at a step.</summary>
/// <param name="Step">One of the names below.</param>
/// <param name="Message">The message whose step it was; default for a step of the worker itself.</param>
public sealed record Killed(string Step, MessageId Message)
{
    public const string Word = "killed";

    public const string BeforeTheEffect = "before the effect";
    public const string AfterTheEffect = "after the effect";
    public const string BeforeTheRecord = "before the record";
    public const string WhileRecording = "while recording";
    public const string AfterTheRecord = "after the record";
    public const string BeforeTheSettlement = "before the settlement";
    public const string AfterTheSettlement = "after the settlement";
    public const string BeforeTheMark = "before the mark";
    public const string AfterTheMark = "after the mark";
    public const string WhileWriting = "while writing what is not a record";
    public const string AfterTheLease = "after the lease";
    public const string BeforeTheReturn = "before the return of a session";
    public const string AfterTheReturn = "after the return of a session";
    public const string BeforeTheSession = "before the session";
    public const string AfterTheSession = "after the session";
    public const string BeforeTheEnd = "before the end of the session";
    public const string AfterTheEnd = "after the end of the session";

    public static Killed? Parse(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        return line.Split(' ', 3) is [Word, var id, var step] && MessageId.TryParse(id, out var message) ? new Killed(step, message) : null;
    }
}
