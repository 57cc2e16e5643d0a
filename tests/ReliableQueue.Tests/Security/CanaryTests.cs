using System.Text;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using ReliableQueue.Broker;
using ReliableQueue.TestKit;
using ReliableQueue.Storage;

namespace ReliableQueue.Tests.Security;

/// <summary>
/// Passwords, payloads and headers are said nowhere. The text of an exception that a handler throws is the application's own: it goes to the log with events 405 and 407, to the dead
/// letter and to the state file's error, and nowhere else.
/// </summary>
public sealed class CanaryTests
{
    [Fact]
    public async Task No_password_payload_or_header_is_in_any_log_span_metric_exception_or_health_text()
    {
        await using var redis = await RedisServer.StartAsync("--appendonly", "yes", "--requirepass", CanaryRig.Password);
        using var log = new CanaryLog();
        using var telemetry = new CanaryTelemetry();
        await using var rig = new CanaryRig(redis.Configuration, log);
        await rig.StartAsync();

        foreach (var act in new[] { "return", "throw", "reject" })
        {
            await rig.EnqueueAsync(new Errand(act, CanaryRig.Payload));
        }

        await rig.EnqueueAsync(new Untold(CanaryRig.Payload));
        await rig.EnqueueAsync(new Cyclic { Secret = CanaryRig.Payload });
        await rig.EnqueueAsync(new Errand("return", CanaryRig.Payload + new string('x', 300_000)));
        await rig.PutAsync(Hostility.Envelope("errand", Encoding.UTF8.GetBytes($$"""{"Act":"return","Secret":"{{CanaryRig.Payload}}" {{CanaryRig.Payload}}""")));
        await rig.PutAsync(Hostility.Envelope("errand", Encoding.UTF8.GetBytes($$"""{"Act":{"{{CanaryRig.Payload}}":1},"Secret":"{{CanaryRig.Payload}}"}""")));
        await rig.PutAsync(Hostility.Envelope("System." + CanaryRig.Payload + ", Gadget", Encoding.UTF8.GetBytes(CanaryRig.Payload), new Dictionary<string, string> { ["x\n"] = CanaryRig.Header }));
        await Eventually.TrueAsync(
            async () => await rig.Broker.Admin.GetStatisticsAsync(CanaryRig.Queue, CancellationToken.None) is { Ready: 0, Leased: 0, DeadLettered: 5, Scheduled: 1 }, "all is handled, dead or parked");
        await rig.AskHealthAsync();
        AssertOnlyWhereItMayBe(rig.StatePath);

        await redis.StopAsync();
        await rig.EnqueueAsync(new Errand("return", CanaryRig.Payload));
        Assert.NotEqual(HealthStatus.Healthy, (await rig.AskHealthAsync()).Status);
        await redis.StartAgainAsync();

        await using var wrong = new CanaryRig(redis.Configuration, log, CanaryRig.Password + "-wrong");
        await wrong.StartAsync();
        await wrong.EnqueueAsync(new Errand("return", CanaryRig.Payload));
        Assert.Contains("password", (await wrong.AskHealthAsync()).Entries.Single().Value.Description, StringComparison.OrdinalIgnoreCase);

        await using var spoilt = new CanaryRig(redis.Configuration, log);
        Directory.CreateDirectory(Path.GetDirectoryName(spoilt.StatePath) ?? "");
        await File.WriteAllTextAsync(spoilt.StatePath, $"no database, {CanaryRig.Payload}");
        await spoilt.StartAsync();

        // What is asserted to be silent must have been heard: four exceptions, the handler's and the broker's failures, spans and metrics of this queue.
        var told = rig.Told.Concat(wrong.Told).Concat(spoilt.Told).ToList();
        Assert.True(told.Count >= 6, string.Join('\n', told));
        Assert.Contains(log.Entries, entry => entry.Event.Id is 405 or 407 && entry.Exception.Contains(CanaryRig.Thrown, StringComparison.Ordinal));
        Assert.Contains(telemetry.Texts(), text => text.Contains("process canaries", StringComparison.Ordinal));
        Assert.Contains(telemetry.Texts(), text => text.Contains("reliablequeue.settlements", StringComparison.Ordinal));
        AssertSilent(told, "an exception or a health check");
        AssertSilent(log.Entries.Select(entry => entry.Text), "the log");
        AssertSilent(log.Entries.Where(entry => entry.Event.Id is not (405 or 407)).Select(entry => entry.Exception), "an exception in the log");
        AssertSilent(log.Entries.Where(entry => entry.Event.Id is 405 or 407).Select(entry => entry.Exception.Replace(CanaryRig.Thrown, "", StringComparison.Ordinal)), "a handler's exception");
        AssertSilent(telemetry.Texts(), "a span or a metric");
        AssertSilent([new RedisBrokerOptions { Configuration = $"localhost,password={CanaryRig.Password}" }.ToString() ?? "", rig.Broker.ToString() ?? "", rig.Broker.Info.Identity], "an object's text");
    }

    private static void AssertSilent(IEnumerable<string> texts, string where) =>
        Assert.All(CanaryRig.Canaries, canary => Assert.Empty(texts.Where(text => text.Contains(canary, StringComparison.Ordinal)).Select(text => $"{where}: {text}")));

    /// <summary>The state file keeps the envelopes of what was rejected, and why: in these two columns and in no other, and no password at all.</summary>
    private static void AssertOnlyWhereItMayBe(string path)
    {
        using var connection = Connection.Open(path);
        List<string> found = [];
        foreach (var table in new[] { "identity", "sessions", "epochs", "records", "answers", "probes" })
        {
            foreach (var column in ColumnsOf(connection, table))
            {
                using var values = connection.Use($"SELECT {column} FROM {table}");
                while (values.Step())
                {
                    var text = values.Value(0) is byte[] bytes ? Encoding.Latin1.GetString(bytes) : values.Value(0)?.ToString() ?? "";
                    found.AddRange(CanaryRig.Canaries.Where(canary => text.Contains(canary, StringComparison.Ordinal)).Select(canary => $"{table}.{column} {canary}"));
                }
            }
        }

        Assert.Equal(
            [$"records.error {CanaryRig.Thrown}", $"records.payload {CanaryRig.Header}", $"records.payload {CanaryRig.Payload}"], found.Distinct().Order(StringComparer.Ordinal));
    }

    private static List<string> ColumnsOf(Connection connection, string table)
    {
        using var names = connection.Use("SELECT name FROM pragma_table_info(?)").With(table);
        List<string> columns = [];
        while (names.Step())
        {
            columns.Add(names.Text(0) ?? "");
        }

        return columns;
    }
}
