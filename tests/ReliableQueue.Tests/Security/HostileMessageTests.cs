using System.Text;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using ReliableQueue.Broker;

namespace ReliableQueue.Tests.Security;

/// <summary>
/// Whoever can write to the broker can make a worker run a registered handler. This is about everything else they might try. Nothing runs next to it, because the watch
/// hears what any test loads.
/// </summary>
[CollectionDefinition(nameof(HostileMessageTests), DisableParallelization = true)]
[Collection(nameof(HostileMessageTests))]
public sealed class HostileMessageTests
{
    private static readonly string[] Sought = [.. Hostility.Assemblies, "System.Diagnostics.Process,", "ObjectDataProvider", "AssemblyInstaller"];

    [Fact]
    public async Task A_message_that_names_a_type_loads_nothing_whether_as_its_own_name_or_in_its_body()
    {
        await using var rig = new HostileRig();
        await rig.StartAsync();
        await HandleOneAsync(rig);
        using var watch = new LoadWatch();

        // No name of a CLR type is one a message can have; written so that it is one, no handler has it.
        var named = await rig.PutAsync(Hostility.TypeNames.Select(name => Hostility.Envelope(name, "{}"u8.ToArray())));
        var spelled = await rig.PutAsync(Hostility.TypeNames.Select(name => Hostility.Envelope(Spelled(name), "{}"u8.ToArray())));
        var bodies = await rig.PutAsync(Hostility.Gadgets.Select(body => Hostility.Envelope("parcel", Encoding.UTF8.GetBytes(body))));
        await rig.QuietAsync();
        var dead = await rig.DeadAsync();

        Assert.True(named.Count + spelled.Count + bodies.Count >= 500);
        Assert.Empty(watch.Heard(Sought));
        Assert.All(named, message => AssertKept(message, dead, DeadLetterReason.Unreadable));
        Assert.All(spelled, message => AssertKept(message, dead, DeadLetterReason.UnknownType));
        var handled = rig.Handled.ToHashSet();
        Assert.All(bodies.Where(message => !handled.Contains(message.Key)), message => AssertKept(message, dead, DeadLetterReason.Unreadable));
        await HandleOneAsync(rig);
        Assert.Equal(HealthStatus.Healthy, await rig.HealthAsync());
    }

    [Fact]
    public async Task A_body_that_is_no_message_is_dead_lettered_at_its_first_delivery_with_its_bytes()
    {
        await using var rig = new HostileRig();
        await rig.StartAsync();

        var put = await rig.PutAsync(Hostility.Bodies.Select(body => Hostility.Envelope("parcel", body)));
        await rig.QuietAsync();
        var dead = await rig.DeadAsync();

        // Half a pair written as an escape is a text that JSON allows to be read as the replacement character, and nothing else is lenient.
        Assert.All(
            put.Where(message => !dead.ContainsKey(message.Key)).Select(message => Encoding.UTF8.GetString(message.Value)), text => Assert.Contains("ud800", text, StringComparison.Ordinal));
        Assert.All(put.Where(message => dead.ContainsKey(message.Key)), message => AssertKept(message, dead, DeadLetterReason.Unreadable));
        Assert.All(dead.Values, letter => Assert.Equal(1, letter.DeliveryCount));
    }

    [Fact]
    public async Task Headers_beyond_the_limits_are_dead_lettered_with_the_limit_in_the_text()
    {
        await using var rig = new HostileRig();
        await rig.StartAsync();
        var body = "{\"Name\":\"x\"}"u8.ToArray();

        var many = await rig.PutAsync([Hostility.Envelope("parcel", body, Enumerable.Range(0, 2_000).ToDictionary(i => $"h{i}", _ => ""))]);
        var large = await rig.PutAsync([Hostility.Envelope("parcel", body, new Dictionary<string, string> { ["large"] = new('x', 60_000) })]);
        var broken = await rig.PutAsync([Hostility.Envelope("parcel", body, new Dictionary<string, string> { ["line"] = "a\r\nSet-Cookie: b" })]);
        var body2 = await rig.PutAsync([Hostility.Envelope("parcel", new byte[1 << 20])]);
        await rig.QuietAsync();
        var dead = await rig.DeadAsync();

        Assert.Empty(rig.Handled);
        Assert.All(many.Concat(large).Concat(broken).Concat(body2), message => AssertKept(message, dead, DeadLetterReason.Unreadable));
        Assert.Contains("MaxHeaders", dead[many.Keys.Single()].Error, StringComparison.Ordinal);
        Assert.Contains("MaxHeaderBytes", dead[large.Keys.Single()].Error, StringComparison.Ordinal);
        Assert.Contains("line break", dead[broken.Keys.Single()].Error, StringComparison.Ordinal);
        Assert.Contains("MaxBodyBytes", dead[body2.Keys.Single()].Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Thousands_of_damaged_envelopes_are_handled_kept_or_parked_and_the_worker_lives(int seed)
    {
        await using var rig = new HostileRig();
        await rig.StartAsync();
        var random = new Random(seed);
        var whole = Hostility.Envelope("parcel", "{\"Name\":\"x\",\"Part\":{\"$type\":\"box\",\"Size\":3}}"u8.ToArray(), new Dictionary<string, string> { ["one"] = "1", ["two"] = "2" });
        using var watch = new LoadWatch();

        var cut = Enumerable.Range(0, whole.Length).Select(length => whole[..length]);
        var put = await rig.PutAsync(cut.Concat(Enumerable.Range(0, 2_000).Select(_ => Hostility.Mutate(whole, random))));
        var counts = await rig.QuietAsync();
        var dead = await rig.DeadAsync();

        var handled = rig.Handled.ToHashSet();
        Assert.Empty(watch.Heard(Sought));
        Assert.Empty(dead.Keys.Intersect(handled));
        Assert.Equal(put.Count, handled.Count + dead.Count + counts.Scheduled);
        Assert.True(dead.Count > 1_000, $"Only {dead.Count} were damaged enough.");
        Assert.All(dead, letter => AssertKept(KeyValuePair.Create(letter.Key, put[letter.Key]), dead, letter.Value.DeadLetterReason));
        Assert.All(dead.Values, letter => Assert.True(letter.DeadLetterReason is DeadLetterReason.Unreadable or DeadLetterReason.UnknownType));
        await HandleOneAsync(rig);
        Assert.Equal(HealthStatus.Healthy, await rig.HealthAsync());
    }

    [Fact]
    public void The_watch_hears_a_type_that_is_looked_for_by_name()
    {
        using var watch = new LoadWatch();
        Assert.Null(Type.GetType("Hostile.Watched.Shell, Hostile.Watched"));
        Assert.NotEmpty(watch.Heard(["Hostile.Watched"]));
    }

    private static async Task HandleOneAsync(HostileRig rig)
    {
        var id = await rig.Client.EnqueueAsync(HostileRig.Queue.Value, new Parcel("good", Part: new ParcelBox(1)));
        await TestKit.Eventually.TrueAsync(() => rig.Handled.Contains(id), "a good message is handled");
    }

    private static void AssertKept(KeyValuePair<MessageId, byte[]> message, Dictionary<MessageId, StoredMessage> dead, DeadLetterReason? reason)
    {
        var letter = dead[message.Key];
        Assert.Equal(reason, letter.DeadLetterReason);
        Assert.False(string.IsNullOrWhiteSpace(letter.Error));
        Assert.Equal(message.Value, letter.Envelope.ToArray());
    }

    private static string Spelled(string name) => new([.. name.ToLowerInvariant().Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '-').Take(128)]);
}
