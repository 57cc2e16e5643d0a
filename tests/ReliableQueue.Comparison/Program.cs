using System.CommandLine;
using ReliableQueue.Comparison;

var kills = new Option<int>("--kills") { Description = "How often the worker is killed under load.", DefaultValueFactory = _ => 12 };
var messages = new Option<int>("--messages") { Description = "How many messages the load has.", DefaultValueFactory = _ => 6_000 };
var repeats = new Option<int>("--repeats") { Description = "How often the seconds to redelivery are measured.", DefaultValueFactory = _ => 3 };
var report = new Option<string?>("--report") { Description = "Where to write the report as Markdown." };
var peer = new Option<string?>("--peer") { Description = "One of reliablequeue, celery, bullmq; default: all of them." };
var compare = new Command("compare", "Runs the same load and the same kills on every peer.") { kills, messages, repeats, report, peer };
compare.SetAction((given, _) => KillComparison.RunAsync(
    new KillPlan(given.GetValue(kills), given.GetValue(messages), given.GetValue(repeats)), given.GetValue(peer), given.GetValue(report)));

// The peer program for ReliableQueue: what the other two do in their own languages.
var first = new Argument<int>("first");
var count = new Argument<int>("count");
var milliseconds = new Argument<int>("milliseconds");
var produce = new Command("produce", "Enqueues numbered messages.") { first, count, milliseconds };
produce.SetAction((given, _) => OwnProgram.ProduceAsync(given.GetValue(first), given.GetValue(count), given.GetValue(milliseconds)));
var concurrency = new Argument<int>("concurrency");
var work = new Command("work", "Handles them.") { concurrency };
work.SetAction((given, stop) => OwnProgram.WorkAsync(given.GetValue(concurrency), stop));
var givenUp = new Command("given-up", "Counts the dead letters.");
givenUp.SetAction((_, _) => OwnProgram.CountDeadLettersAsync());
var version = new Command("version", "Says what this is.");
version.SetAction(_ => OwnProgram.SayVersion());

return await new RootCommand("ReliableQueue next to other queues.") { compare, produce, work, givenUp, version }.Parse(args).InvokeAsync();
