using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ReliableQueue.Benchmarks;

/// <summary>What a command measured: rows and columns of figures, with what they were measured on. Printed as markdown that can go into a page as it is, and as JSON.</summary>
/// <param name="command">The words of the command line.</param>
/// <param name="conditions">What was measured, in a sentence.</param>
/// <param name="store">The broker and its version.</param>
internal sealed class Sheet(string command, string conditions, string store)
{
    private readonly List<(string Table, string Row, string Column, double Value, string Format)> figures = [];
    private readonly List<string> notes = [];

    /// <summary>Adds one figure. Tables, rows and columns appear in the order of their first figure.</summary>
    public void Add(string table, string row, string column, double value, string format = "N0") => figures.Add((table, row, column, value, format));

    /// <summary>Adds a line below the tables.</summary>
    public void Note(string note) => notes.Add(note);

    /// <summary>Prints it, and writes it as JSON where that was asked for.</summary>
    public async Task PublishAsync(string? json)
    {
        Console.WriteLine(Markdown());
        if (json is not null)
        {
            await File.WriteAllTextAsync(json, Json());
        }
    }

    private string Markdown()
    {
        var text = new StringBuilder().AppendLine().AppendLine(null, $"    {Line()}").AppendLine();
        foreach (var table in figures.GroupBy(figure => figure.Table))
        {
            var columns = table.Select(figure => figure.Column).Distinct().ToList();
            text.AppendLine(null, $"| {table.Key} | {string.Join(" | ", columns)} |").AppendLine(null, $"|---|{string.Concat(columns.Select(_ => "---:|"))}");
            foreach (var row in table.GroupBy(figure => figure.Row))
            {
                text.AppendLine(null, $"| {row.Key} | {string.Join(" | ", columns.Select(column => Cell([.. row.Where(figure => figure.Column == column)])))} |");
            }

            text.AppendLine();
        }

        foreach (var note in notes)
        {
            text.AppendLine(note).AppendLine();
        }

        return text.AppendLine(null, $"{conditions} {DateTime.UtcNow:yyyy-MM-dd}: {Machine()}, {store}.").ToString();
    }

    private string Json() => new JsonObject
    {
        ["command"] = Line(),
        ["conditions"] = conditions,
        ["machine"] = Machine(),
        ["store"] = store,
        ["at"] = DateTime.UtcNow.ToString("O", CultureInfo.InvariantCulture),
        ["figures"] = new JsonArray([.. figures.Select(figure => (JsonNode)new JsonObject
        {
            ["table"] = figure.Table,
            ["row"] = figure.Row,
            ["column"] = figure.Column,
            ["value"] = figure.Value,
        })]),
        ["notes"] = new JsonArray([.. notes.Select(note => (JsonNode)note)]),
    }.ToJsonString(new JsonSerializerOptions { WriteIndented = true });

    private string Line() => $"dotnet run -c Release --project tests/ReliableQueue.Benchmarks -- {command}";

    private static string Cell(List<(string Table, string Row, string Column, double Value, string Format)> cell) =>
        cell is [var figure] ? figure.Value.ToString(figure.Format, CultureInfo.InvariantCulture) : "";

    private static string Machine()
    {
        var model = File.Exists("/proc/cpuinfo")
            ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim()
            : null;
        return $"{Environment.ProcessorCount} processors ({model ?? RuntimeInformation.ProcessArchitecture.ToString()}), {RuntimeInformation.OSDescription.Split(' ')[0]}, {RuntimeInformation.FrameworkDescription}";
    }
}
