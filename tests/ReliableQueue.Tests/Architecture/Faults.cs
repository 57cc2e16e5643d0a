namespace ReliableQueue.Tests.Architecture;

/// <summary>What a check found, each fault on its own line: a person mends them all at once.</summary>
internal static class Faults
{
    public static void None(IEnumerable<string> faults)
    {
        var found = faults.ToList();
        Assert.True(found.Count == 0, string.Join(Environment.NewLine, found));
    }
}
