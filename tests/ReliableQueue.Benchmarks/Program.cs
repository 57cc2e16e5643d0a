using System.CommandLine;
using ReliableQueue.Benchmarks;

var messages = new Option<int>("--messages") { Description = "How many messages.", DefaultValueFactory = _ => 200_000 };
var concurrency = new Option<int>("--concurrency") { Description = "Most messages in hand at once.", DefaultValueFactory = _ => 2_000 };
var runs = new Option<int>("--runs") { Description = "How many times, each on an empty Redis; medians are printed.", DefaultValueFactory = _ => 5 };
var redis = new Option<string?>("--redis") { Description = "host:port of a Redis that may be written to; default: one started here with appendonly yes, appendfsync everysec." };
var drain = new Command("drain", "Enqueues, then drains, end to end and with the bare scripts, in one run.") { messages, concurrency, runs, redis };
drain.SetAction((given, _) => DrainBenchmark.RunAsync(
    new DrainPlan(given.GetValue(messages), given.GetValue(concurrency), given.GetValue(runs)), given.GetValue(redis)));
return await new RootCommand("Benchmarks of ReliableQueue.") { drain }.Parse(args).InvokeAsync();
