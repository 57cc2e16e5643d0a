using System.CommandLine;
using System.Globalization;
using ReliableQueue.Benchmarks;

var messages = new Option<int>("--messages") { Description = "How many messages are drained.", DefaultValueFactory = _ => 200_000 };
var concurrency = new Option<int>("--concurrency") { Description = "Most messages held at once while draining.", DefaultValueFactory = _ => 2_000 };
var runs = new Option<int>("--runs") { Description = "How many times, each on an empty store; medians are printed.", DefaultValueFactory = _ => 5 };
var seconds = new Option<int>("--seconds") { Description = "How long each flow lasts.", DefaultValueFactory = _ => 10 };
var wakeUps = new Option<int>("--wake-ups") { Description = "How many messages meet an idle worker.", DefaultValueFactory = _ => 40 };
var redis = new Option<string?>("--redis") { Description = "host:port of a Redis that may be written to; default: one started here with appendonly yes, appendfsync everysec." };
var json = new Option<string?>("--json") { Description = "A file for the figures as JSON, besides the table." };
var withPeers = new Option<bool>("--with-peers") { Description = "Also BullMQ, Celery and Hangfire, each on a Redis of its own, where they are installed." };

foreach (var count in (Option<int>[])[messages, concurrency, runs, seconds, wakeUps])
{
    count.Validators.Add(given =>
    {
        if (given.GetValueOrDefault<int>() < 1)
        {
            given.AddError($"{count.Name} must be at least 1.");
        }
    });
}

var drain = new Command("drain", "Enqueues, then drains: end to end, with the bare scripts and with the yardstick, in one run.") { messages, concurrency, runs, redis, withPeers, json };
drain.SetAction(async (given, _) =>
{
    await using var store = await Store.OnRedisAsync(given.GetValue(redis));
    var plan = new DrainPlan(given.GetValue(messages), given.GetValue(concurrency), given.GetValue(runs));
    var sheet = NewSheet(DrainBenchmark.Conditions(plan), store);
    await DrainBenchmark.RunAsync(plan, store, sheet);
    if (given.GetValue(withPeers))
    {
        await Peer.RunAllAsync(sheet);
    }

    await sheet.PublishAsync(given.GetValue(json));
});

var single = new Command("single", "One caller and 64 callers that await each message.") { seconds, runs, redis, json };
single.SetAction(async (given, _) =>
{
    await using var store = await Store.OnRedisAsync(given.GetValue(redis));
    var sheet = NewSheet(SingleConditions(given), store);
    await SingleBenchmark.RunAsync(store, TimeSpan.FromSeconds(given.GetValue(seconds)), given.GetValue(runs), sheet);
    await sheet.PublishAsync(given.GetValue(json));
});

var latency = new Command("latency", "From enqueue to handler: an idle worker, 20 messages a second, 10 %, 50 % and 80 % of peak.") { seconds, wakeUps, redis, json };
latency.SetAction(async (given, _) =>
{
    await using var store = await Store.OnRedisAsync(given.GetValue(redis));
    var sheet = NewSheet(LatencyConditions(given), store);
    await LatencyBenchmark.RunAsync(store, TimeSpan.FromSeconds(given.GetValue(seconds)), given.GetValue(wakeUps), sheet);
    await sheet.PublishAsync(given.GetValue(json));
});

var idle = new Command("idle", "What 400 idle queues in one worker cost, and 50 workers with 20 idle queues each.") { seconds, redis, json };
idle.SetAction(async (given, _) =>
{
    await using var store = await Store.OnRedisAsync(given.GetValue(redis));
    var sheet = NewSheet(string.Create(CultureInfo.InvariantCulture, $"Idle: {given.GetValue(seconds)} s after 15 s of settling."), store);
    await IdleBenchmark.RunAsync(store, TimeSpan.FromSeconds(given.GetValue(seconds)), sheet);
    await sheet.PublishAsync(given.GetValue(json));
});

var sqlite = new Command("sqlite", "The same figures on the embedded broker.") { messages, concurrency, runs, seconds, wakeUps, json };
sqlite.SetAction(async (given, _) =>
{
    await using var store = Store.OnSqlite();
    var plan = new DrainPlan(given.GetValue(messages), given.GetValue(concurrency), given.GetValue(runs));
    var sheet = NewSheet($"{DrainBenchmark.Conditions(plan)} {SingleConditions(given)} {LatencyConditions(given)}", store);
    await DrainBenchmark.RunAsync(plan, store, sheet);
    await SingleBenchmark.RunAsync(store, TimeSpan.FromSeconds(given.GetValue(seconds)), given.GetValue(runs), sheet);
    await LatencyBenchmark.RunAsync(store, TimeSpan.FromSeconds(given.GetValue(seconds)), given.GetValue(wakeUps), sheet);
    await sheet.PublishAsync(given.GetValue(json));
});

return await new RootCommand("Benchmarks of ReliableQueue. Each prints a table that can go into a page as it is.") { drain, single, latency, idle, sqlite }.Parse(args).InvokeAsync();

Sheet NewSheet(string conditions, Store store) => new(string.Join(' ', args), conditions, store.Description);

string SingleConditions(ParseResult given) => string.Create(
    CultureInfo.InvariantCulture, $"Awaited calls: messages of 100 characters for {given.GetValue(seconds)} s, median of {given.GetValue(runs)} runs in turn, no worker.");

string LatencyConditions(ParseResult given) => string.Create(
    CultureInfo.InvariantCulture, $"Latency: messages of 100 characters for {given.GetValue(seconds)} s each, {given.GetValue(wakeUps)} wake-ups, handlers that do nothing, concurrency 64.");
