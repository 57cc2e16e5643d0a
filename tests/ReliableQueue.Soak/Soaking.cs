namespace ReliableQueue.Soak;

/// <summary>The whole of it: every broker next to the others, the report, and the exit code.</summary>
internal static class Soaking
{
    public static async Task<int> RunAsync(SoakPlan plan)
    {
        Console.WriteLine($"{plan.Command}: evidence in {plan.Evidence}");
        var began = DateTime.UtcNow;
        var results = await Task.WhenAll(plan.Brokers.Select(name => TryAsync(plan, name)));
        var whole = results.OfType<SetupResult>().ToList();
        var page = Report.Write(plan, began, whole);
        Console.WriteLine(page);
        if (plan.Report is { } path)
        {
            await File.WriteAllTextAsync(path, page);
        }

        if (whole.Count < results.Length || whole.Any(result => result.Faults.Count > 0))
        {
            Console.WriteLine($"FAILED. Everything that was written down is in {plan.Evidence}.");
            return 1;
        }

        Directory.Delete(plan.Evidence, recursive: true);
        Console.WriteLine("PASSED.");
        return 0;
    }

    private static async Task<SetupResult?> TryAsync(SoakPlan plan, string name)
    {
        try
        {
            return await new SoakRun(plan, name).RunAsync();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            Console.WriteLine($"{name} broke off: {exception}");
            return null;
        }
    }
}
