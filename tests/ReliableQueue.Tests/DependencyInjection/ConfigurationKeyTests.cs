using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ReliableQueue.Tests.Architecture;

namespace ReliableQueue.Tests.DependencyInjection;

/// <summary>Keys that nothing reads are named when the host starts, and queues whose names an environment variable cannot hold have a spelling that it can.</summary>
public sealed class ConfigurationKeyTests
{
    [Fact]
    public async Task Start_UnknownKeys_AreNamedAtOnceWithTheNearest()
    {
        await using var rig = new SetRig(
            ("ReliableQueue:Worker:DrainTimout", "00:00:07"),
            ("ReliableQueue:Messages:MaxBodySize", "7"),
            ("ReliableQueue:StateFile", "elsewhere.db"),
            ("ReliableQueue:Queues:emails:Concurency", "7"),
            ("ReliableQueue:Queues:emails:MaxDeliveries", "7"),
            ("ReliableQueue:Queues:emails:Retry:Dealy", "00:00:07"),
            ("ReliableQueue:Queues:emials:Concurrency", "7"),
            ("ReliableQueue:Sqlite:Pfad", "queue.db"),
            ("ReliableQueue:Sets:biling:Messages:MaxDepth", "7"),
            ("ReliableQueue:Sets:billing:Messages:MaxDpth", "7"),
            ("ReliableQueue:Wroker:Enabled", "false"));
        rig.Add.AddReliableWorker(worker => worker.UseSqlite("queue.db").AddHandler<Greeting, GreetingHandler>("emails"));
        rig.Add.AddReliableQueue("billing", queue => queue.UseBroker(SetRig.NewBroker));

        Assert.Equal(
            [
                "ReliableQueue:Messages:MaxBodySize is not known; the nearest key is ReliableQueue:Messages:MaxBodyBytes.",
                "ReliableQueue:Queues:emails:Concurency is not known; the nearest key is ReliableQueue:Queues:emails:Concurrency.",
                "ReliableQueue:Queues:emails:MaxDeliveries is not known; the nearest key is ReliableQueue:Queues:{queue}:Retry:MaxDeliveries.",
                "ReliableQueue:Queues:emails:Retry:Dealy is not known; the nearest key is ReliableQueue:Queues:emails:Retry:Delay.",
                "ReliableQueue:Queues:emials is no queue of this application; the nearest is 'emails'.",
                "ReliableQueue:Sets:biling is no set of this application; the nearest is 'billing'.",
                "ReliableQueue:Sets:billing:Messages:MaxDpth is not known; the nearest key is ReliableQueue:Sets:billing:Messages:MaxDepth.",
                "ReliableQueue:Sqlite:Pfad is not known; the nearest key is ReliableQueue:Sqlite:Path.",
                "ReliableQueue:StateFile is not known; the nearest key is ReliableQueue:Worker:StateFile.",
                "ReliableQueue:Worker:DrainTimout is not known; the nearest key is ReliableQueue:Worker:DrainTimeout.",
                "ReliableQueue:Wroker is not known; the nearest key is ReliableQueue:Worker.",
            ],
            (await SaidAsync(rig)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Start_EveryKnownKey_IsNotNamed()
    {
        await using var rig = new SetRig(
            ("ReliableQueue:DataDirectory", "here"),
            ("ReliableQueue:Worker:Enabled", "false"),
            ("ReliableQueue:Worker:StateFile", "w.db"),
            ("ReliableQueue:Messages:EnqueueTimeout", "00:00:07"),
            ("ReliableQueue:queues:EMAILS:retry:maxdeliveries", "7"),
            ("ReliableQueue:Queues:emails:HandlerTimeout", "00:00:07"),
            ("ReliableQueue:Queues:emails:HandlerTimeouts:greeting", "00:00:07"),
            ("ReliableQueue:Queues:emails:Batch:Linger", "00:00:07"),
            ("ReliableQueue:Queues:of-another-process:Concurrency", "7"),
            ("ReliableQueue:Redis:Anything", "goes, because Redis was not chosen"),
            ("ReliableQueue:Sets:of-another-process:Sqlite:Path", "q.db"),
            ("Elsewhere:Anything", "goes"));
        rig.Add.AddReliableWorker(worker => worker.UseBroker(SetRig.NewBroker).AddHandler<Greeting, GreetingHandler>("emails"));

        Assert.Empty(await SaidAsync(rig));
    }

    [Fact]
    public async Task Start_FaultAndUnknownKey_AreToldTogether()
    {
        await using var rig = new SetRig(("ReliableQueue:Sqlite:Pfad", "queue.db"));
        rig.Add.AddReliableQueue(queue => queue.UseSqlite());

        Assert.Equal(
            ["Path of the SQLite broker must name a file.", "ReliableQueue:Sqlite:Pfad is not known; the nearest key is ReliableQueue:Sqlite:Path."],
            await rig.FaultsAsync());
    }

    public static TheoryData<string> Examples => [.. Documentation.Pages.SelectMany(page => Documentation.Json(SourceTree.Read(page))).Where(json => json.Contains("ReliableQueue", StringComparison.Ordinal))];

    /// <summary>What the pages show of a configuration is read to the last key, whichever broker is chosen.</summary>
    [Theory]
    [MemberData(nameof(Examples))]
    public async Task Example_OfAPage_HasNoKeyThatNothingReads(string json)
    {
        foreach (var isOnRedis in (bool[])[true, false])
        {
            await using var rig = new SetRig();
            rig.Configuration.AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).AddInMemoryCollection([new("ReliableQueue:Worker:Enabled", "false")]);
            rig.Add.AddReliableWorker(worker => (isOnRedis ? worker.UseRedis(redis => redis.Configuration ??= "localhost") : worker.UseSqlite("queue.db")).AddHandler<Greeting, GreetingHandler>("emails"));
            rig.Add.AddReliableQueue("billing", queue => queue.UseSqlite(sqlite => sqlite.Path = sqlite.Path.Length > 0 ? sqlite.Path : "billing.db"));

            Assert.Empty(await SaidAsync(rig));
        }
    }

    [Fact]
    public void Groups_OfOptions_AreNamedToTheCheckOfKeys()
    {
        var groups = from type in (Type[])[typeof(QueueOptions), typeof(WorkerOptions), typeof(MessageOptions)]
                     from option in type.GetProperties()
                     where !option.PropertyType.IsValueType && option.PropertyType != typeof(string)
                     select option.PropertyType;

        // A group is named to the check of keys by hand, because trimming forbids to look for it. A new one is missing there until this list has it, too.
        Assert.Equal([typeof(RetryOptions), typeof(BatchOptions), typeof(IDictionary<string, TimeSpan>)], groups);
    }

    [Fact]
    public async Task Queue_WithDashOrDot_IsConfiguredByTheEnvironment()
    {
        const string Prefix = "RELIABLEQUEUE_KEYTESTS_";
        Environment.SetEnvironmentVariable(Prefix + "RELIABLEQUEUE__QUEUES__SEND_EMAILS_EU__CONCURRENCY", "7");
        await using var rig = new SetRig(("ReliableQueue:Queues:send-emails.eu:Concurrency", "3"), ("ReliableQueue:Queues:send-emails.eu:HandlerGrace", "00:00:03"));
        rig.Configuration.AddEnvironmentVariables(Prefix);
        rig.Add.AddReliableWorker(worker => worker.UseBroker(SetRig.NewBroker).AddHandler<Greeting, GreetingHandler>("send-emails.eu"));

        Assert.Empty(await SaidAsync(rig));
        Assert.Equal((7, TimeSpan.FromSeconds(3)), (rig.OptionsOf("send-emails.eu").Concurrency, rig.OptionsOf("send-emails.eu").HandlerGrace));
    }

    [Fact]
    public async Task Queue_WithAnUnderscore_KeepsItsOwnSection()
    {
        await using var rig = new SetRig(("ReliableQueue:Queues:a_b:Concurrency", "7"));
        rig.Add.AddReliableWorker(worker => worker.UseBroker(SetRig.NewBroker).AddHandler<Greeting, GreetingHandler>("a-b").AddHandler<Greeting, GreetingHandler>("a_b"));

        Assert.Empty(await SaidAsync(rig));
        Assert.Equal((16, 7), (rig.OptionsOf("a-b").Concurrency, rig.OptionsOf("a_b").Concurrency));
    }

    [Fact]
    public async Task Queues_OfOneSpelling_MustBeWrittenInFull()
    {
        await using var rig = new SetRig(("ReliableQueue:Queues:a_b:Concurrency", "7"));
        rig.Add.AddReliableWorker(worker => worker.UseBroker(SetRig.NewBroker).AddHandler<Greeting, GreetingHandler>("a-b").AddHandler<Greeting, GreetingHandler>("a.b"));

        Assert.Equal(["ReliableQueue:Queues:a_b may mean any of the queues 'a-b', 'a.b': write their names in full."], await rig.FaultsAsync());
    }

    /// <summary>The keys that the start names in its log, one event for all.</summary>
    private static async Task<IReadOnlyList<string>> SaidAsync(SetRig rig)
    {
        var log = new List<string>();
        rig.Add.AddLogging(logging => logging.AddProvider(new ListLoggerProvider(log)));
        Assert.Empty(await rig.FaultsAsync());
        var said = log.Where(text => text.Contains("keys that nothing reads", StringComparison.Ordinal)).ToList();
        Assert.InRange(said.Count, 0, 1);
        return [.. said.SelectMany(text => text.Split(": ", 2)[1].Split(". ").Select(sentence => sentence.TrimEnd('.') + "."))];
    }
}
