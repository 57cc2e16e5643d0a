namespace ReliableQueue.FaultWorker;

/// <summary>Reads what a test writes to standard input, a command a line, and answers each. The end of the input is the end of the test, and of this process.</summary>
/// <remarks>On a thread of its own: reading the console cannot be cancelled, and must not take a thread from the pool that a test starves.</remarks>
public sealed class CommandReader(Func<string, Task<string>> answer, Action<string> tell)
{
    public void Start() => new Thread(Run) { IsBackground = true, Name = "Commands" }.Start();

    private void Run()
    {
        using var input = new StreamReader(Console.OpenStandardInput());
        while (input.ReadLine() is { } command)
        {
            _ = ObeyAsync(command);
        }

        // A test that was killed leaves no process behind.
        Environment.Exit(4);
    }

    private async Task ObeyAsync(string command)
    {
        try
        {
            tell(await answer(command));
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            tell($"failed {command}: {exception.Message}");
        }
    }
}
