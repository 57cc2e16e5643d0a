using System.Diagnostics;

namespace ReliableQueue.Tests.State;

/// <summary>Not a test: what group commit is worth. Run it by name; docs/decisions quotes it.</summary>
public sealed class StateFileSpeed : IDisposable
{
    private readonly StateFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory(Explicit = true)]
    [InlineData(1, 2_000)]
    [InlineData(32, 30_000)]
    [InlineData(500, 100_000)]
    public async Task Records_per_second(int callers, int records)
    {
        await using var state = await folder.OpenAsync();
        var begun = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(async _ =>
        {
            for (var count = 0; count < records / callers; count++)
            {
                await state.RecordAsync([folder.NewCompletion()]);
            }
        }));
        var elapsed = Stopwatch.GetElapsedTime(begun);
        TestContext.Current.SendDiagnosticMessage(
            $"{callers} callers: {records / elapsed.TotalSeconds:N0} completions a second in {state.Commits / elapsed.TotalSeconds:N0} commits");
    }
}
