using System.Diagnostics;
using ReliableQueue.Broker;
using ReliableQueue.Messages;

namespace ReliableQueue.Tests.Enqueuing;

public sealed class QueueClientTests
{
    [Fact]
    public async Task EnqueueAsync_WhileAllLanesAreInFlight_GathersForTheNextCall()
    {
        await using var rig = new EnqueueRig();
        List<Task<MessageId>> enqueued = [];
        List<EnqueueAttempt> inFlight = [];
        for (var lane = 0; lane < 4; lane++)
        {
            enqueued.Add(rig.EnqueueAsync());
            inFlight.Add(await rig.Broker.NextAsync());
        }

        enqueued.AddRange(Enumerable.Range(0, 600).Select(_ => rig.EnqueueAsync()));
        Assert.False(rig.Broker.HasAttempt);
        inFlight[0].Store();
        var gathered = await rig.Broker.NextAsync();
        inFlight[1].Store();
        var rest = await rig.Broker.NextAsync();
        foreach (var attempt in new[] { inFlight[2], inFlight[3], gathered, rest })
        {
            attempt.Store();
        }

        Assert.Equal(500, gathered.Request.Messages.Count);
        Assert.Equal(100, rest.Request.Messages.Count);
        Assert.Equal(604, (await Task.WhenAll(enqueued)).Distinct().Count());
        Assert.Equal((inFlight[0].Request.Call.Lane, 2L), (gathered.Request.Call.Lane, gathered.Request.Call.Number));
    }

    [Fact]
    public async Task EnqueueAsync_LargeMessages_TravelInCallsOfAMebibyte()
    {
        await using var rig = new EnqueueRig();
        var enqueued = rig.Client.EnqueueManyAsync("emails", Enumerable.Repeat(new Note(new string('x', 400_000)), 5), null, default);
        List<int> sizes = [];
        for (var left = 5; left > 0; left -= sizes[^1])
        {
            var attempt = await rig.Broker.NextAsync();
            sizes.Add(attempt.Request.Messages.Count);
            attempt.Store();
        }

        Assert.Equal([2, 2, 1], sizes);
        Assert.Equal(5, (await enqueued).Count);
    }

    [Fact]
    public async Task EnqueueAsync_OneMessageLargerThanACall_TravelsAlone()
    {
        await using var rig = new EnqueueRig();
        var enqueued = rig.EnqueueAsync(new string('x', 1_500_000));
        var attempt = await rig.Broker.NextAsync();
        attempt.Store();
        await enqueued;

        Assert.Single(attempt.Request.Messages);
    }

    [Fact]
    public async Task EnqueueManyAsync_ManyMessages_ReturnsIdsInTheOrderSent()
    {
        await using var rig = new EnqueueRig();
        var enqueued = rig.Client.EnqueueManyAsync("emails", Enumerable.Range(0, 1200).Select(number => new Note($"{number}")), null, default);
        Dictionary<MessageId, string> sent = [];
        while (sent.Count < 1200)
        {
            var attempt = await rig.Broker.NextAsync();
            foreach (var message in attempt.Request.Messages)
            {
                sent.Add(message.Id, TextOf(message));
            }

            attempt.Store();
        }

        Assert.Equal(Enumerable.Range(0, 1200).Select(number => $"{number}"), (await enqueued).Select(id => sent[id]));
    }

    [Fact]
    public async Task EnqueueManyAsync_None_SendsNothing()
    {
        await using var rig = new EnqueueRig();

        Assert.Empty(await rig.Client.EnqueueManyAsync<Note>("emails", [], null, default));
        Assert.False(rig.Broker.HasAttempt);
    }

    [Fact]
    public async Task EnqueueManyAsync_SomeCallsFail_SaysWhichMessages()
    {
        await using var rig = new EnqueueRig();
        var enqueued = rig.Client.EnqueueManyAsync("emails", Enumerable.Range(0, 1100).Select(number => new Note($"{number}")), null, default);
        List<EnqueueAttempt> attempts = [await rig.Broker.NextAsync(), await rig.Broker.NextAsync(), await rig.Broker.NextAsync()];
        var byFirst = attempts.OrderBy(attempt => int.Parse(TextOf(attempt.Request.Messages[0]), null)).ToList();
        byFirst[0].Store();
        byFirst[1].Fail(BrokerFault.Refused);
        rig.Time.Advance(EnqueueRig.Timeout);

        var exception = await Assert.ThrowsAsync<EnqueueOutcomeUnknownException>(() => enqueued);
        Assert.Equal(byFirst[2].Ids, exception.MessageIds);
        Assert.Equal(Enumerable.Range(500, 500), exception.NotEnqueued);
    }

    [Fact]
    public async Task EnqueueManyAsync_OneBadMessage_SendsNone()
    {
        await using var rig = new EnqueueRig();
        Note[] notes = [new("good"), new(new string('x', 3_000_000))];

        var exception = await Assert.ThrowsAsync<MessageTooLargeException>(() => rig.Client.EnqueueManyAsync("emails", notes, null, default));

        Assert.Equal(2_000_000, exception.LimitBytes);
        Assert.True(exception.ActualBytes > 3_000_000);
        Assert.False(rig.Broker.HasAttempt);
    }

    [Fact]
    public async Task EnqueueAsync_CancelledBeforeItIsSent_IsWithdrawn()
    {
        await using var rig = new EnqueueRig();
        using var cancelled = new CancellationTokenSource();
        List<Task<MessageId>> others = [];
        List<EnqueueAttempt> inFlight = [];
        for (var lane = 0; lane < 4; lane++)
        {
            others.Add(rig.EnqueueAsync());
            inFlight.Add(await rig.Broker.NextAsync());
        }

        var withdrawn = rig.EnqueueAsync("withdrawn", cancelled.Token);
        others.Add(rig.EnqueueAsync("kept"));
        await cancelled.CancelAsync();
        var exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => withdrawn);
        inFlight[0].Store();
        var next = await rig.Broker.NextAsync();
        inFlight.Skip(1).Append(next).ToList().ForEach(attempt => attempt.Store());
        await Task.WhenAll(others);

        Assert.Contains("not enqueued", exception.Message, StringComparison.Ordinal);
        Assert.Equal(["kept"], next.Request.Messages.Select(TextOf));
    }

    [Fact]
    public async Task EnqueueAsync_CancelledAfterItWasSent_SaysItMayBeEnqueued()
    {
        await using var rig = new EnqueueRig();
        using var cancelled = new CancellationTokenSource();
        var enqueued = rig.EnqueueAsync("x", cancelled.Token);
        var attempt = await rig.Broker.NextAsync();
        await cancelled.CancelAsync();

        var exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => enqueued);
        Assert.Contains("may be enqueued", exception.Message, StringComparison.Ordinal);
        Assert.Equal(cancelled.Token, exception.CancellationToken);
        attempt.Store();
    }

    [Theory]
    [InlineData("")]
    [InlineData("Orders")]
    [InlineData("a{b}")]
    [InlineData("a:b")]
    [InlineData("../x")]
    [InlineData("a\r\nb")]
    [InlineData("é")]
    public async Task EnqueueAsync_BadQueueName_ThrowsBeforeAnythingIsSent(string queue)
    {
        await using var rig = new EnqueueRig();

        var exception = await Assert.ThrowsAsync<ArgumentException>(() => rig.Client.EnqueueAsync(queue, new Note("x"), null, default));

        Assert.Equal("queue", exception.ParamName);
        Assert.False(rig.Broker.HasAttempt);
    }

    [Fact]
    public async Task EnqueueAsync_TypeWithoutAName_ThrowsWithTheLineToAdd()
    {
        await using var rig = new EnqueueRig();

        var exception = await Assert.ThrowsAsync<ArgumentException>(() => rig.Client.EnqueueAsync("emails", "text", null, default));

        Assert.Contains("[MessageType(", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EnqueueAsync_Null_Throws()
    {
        await using var rig = new EnqueueRig();

        await Assert.ThrowsAsync<ArgumentNullException>(() => rig.Client.EnqueueAsync<Note?>("emails", null, null, default));
    }

    [Theory]
    [InlineData("", "v")]
    [InlineData("na me", "v")]
    [InlineData("name", "a\nb")]
    [InlineData("name", "half a pair: %")]
    public async Task EnqueueAsync_BadHeader_Throws(string name, string value)
    {
        await using var rig = new EnqueueRig();

        // Written here, because the metadata of an attribute cannot hold it.
        var options = new EnqueueOptions { Headers = new Dictionary<string, string> { [name] = value.Replace('%', '\ud800') } };

        await Assert.ThrowsAsync<ArgumentException>(() => rig.Client.EnqueueAsync("emails", new Note("x"), options, default));
    }

    [Fact]
    public async Task EnqueueAsync_CurrentActivity_TravelsInTheHeaders()
    {
        await using var rig = new EnqueueRig();
        using var activity = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start();
        activity.TraceStateString = "vendor=1";
        activity.AddBaggage("secret", "not for the queue");
        var headers = await rig.HeadersSentAsync(new EnqueueOptions { Headers = new Dictionary<string, string> { ["tenant"] = "t1" } });

        // While another test of the process listens, the span of the enqueue call is the current one, and a child of the caller's.
        Assert.StartsWith($"00-{activity.TraceId}-", headers["traceparent"], StringComparison.Ordinal);
        Assert.Equal("vendor=1", headers["tracestate"]);
        Assert.Equal("t1", headers["tenant"]);
        Assert.Equal(3, headers.Count);
    }

    [Fact]
    public async Task EnqueueAsync_TraceContextOfTheCallers_IsNotOverwritten()
    {
        await using var rig = new EnqueueRig();
        using var activity = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start();
        var headers = await rig.HeadersSentAsync(new EnqueueOptions { Headers = new Dictionary<string, string> { ["traceparent"] = "mine" } });

        Assert.Equal("mine", Assert.Single(headers).Value);
    }

    [Fact]
    public async Task EnqueueAsync_NoRoomForTraceHeaders_GoesWithoutThem()
    {
        await using var rig = new EnqueueRig();
        using var activity = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start();
        var full = Enumerable.Range(0, 4).ToDictionary(number => $"h{number}", _ => "v");

        Assert.Equal(4, (await rig.HeadersSentAsync(new EnqueueOptions { Headers = full })).Count);
    }

    private static string TextOf(NewMessage message) => new JsonMessageSerializer([], 64).Read<Note>(EnqueueRig.Decoded(message).Body).Text;
}
