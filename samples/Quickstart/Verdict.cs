namespace Quickstart;

/// <summary>What was claimed and is not so. Nothing is taken on trust: the program exits 0 only if this stays empty.</summary>
internal sealed class Verdict
{
    private readonly List<string> failures = [];

    public bool Holds => failures.Count == 0;

    public void Check(bool holds, string otherwise)
    {
        if (!holds)
        {
            failures.Add(otherwise);
        }
    }

    public void Print()
    {
        Console.WriteLine();
        if (Holds)
        {
            Console.WriteLine("All of it was verified.");
        }

        foreach (var failure in failures)
        {
            Console.WriteLine("FAILED: " + failure);
        }
    }
}
