using System.Diagnostics;
using System.Diagnostics.Metrics;
using ReliableQueue.Broker;
using ReliableQueue.Tests.Enqueuing;

namespace ReliableQueue.Tests.Diagnostics;

public sealed class EnqueueTelemetryTests
{
    [Fact]
    public async Task EnqueueAsync_Listener_SeesAProducerSpanWhoseContextTravels()
    {
        await using var rig = new EnqueueRig();
        using var log = new SpanLog("traced");
        var enqueued = rig.Client.EnqueueAsync("traced", new Note("x"), null, default);
        (await rig.Broker.NextAsync()).Store();
        var id = await enqueued;

        var span = Assert.Single(log.Spans, span => span.DisplayName == "enqueue traced");
        Assert.Equal(ActivityKind.Producer, span.Kind);
        Assert.Equal(id.ToString(), span.GetTagItem("messaging.message.id"));
        Assert.Equal("reliablequeue", span.GetTagItem("messaging.system"));
        Assert.Equal("send", span.GetTagItem("messaging.operation.type"));
        Assert.Equal(ActivityStatusCode.Unset, span.Status);
    }

    [Fact]
    public async Task EnqueueAsync_Failure_MarksTheSpan()
    {
        await using var rig = new EnqueueRig();
        using var log = new SpanLog("refused");
        var enqueued = rig.Client.EnqueueAsync("refused", new Note("x"), null, default);
        (await rig.Broker.NextAsync()).Fail(BrokerFault.Refused);
        await Assert.ThrowsAsync<BrokerUnavailableException>(() => enqueued);

        var span = Assert.Single(log.Spans, span => span.DisplayName == "enqueue refused");
        Assert.Equal(ActivityStatusCode.Error, span.Status);
        Assert.Equal("broker_refused", span.GetTagItem("error.type"));
    }

    [Fact]
    public async Task EnqueueManyAsync_Listener_CountsMessagesWithoutNamingThem()
    {
        await using var rig = new EnqueueRig();
        List<(string Name, double Value, string Tags)> measured = [];
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == ReliableQueueTelemetry.MeterName)
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var text = string.Join(',', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"));
            lock (measured)
            {
                measured.Add((instrument.Name, value, text));
            }
        }

        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.Start();
        var enqueued = rig.Client.EnqueueManyAsync("measured", [new Note("a"), new Note("b")], null, default);
        (await rig.Broker.NextAsync()).Store();
        await enqueued;

        const string Tags = "messaging.system=reliablequeue,messaging.operation.name=enqueue,messaging.destination.name=measured";
        lock (measured)
        {
            Assert.Contains(("messaging.client.sent.messages", 2d, Tags), measured);
            Assert.Contains(measured, entry => entry.Name == "messaging.client.operation.duration" && entry.Tags == Tags + ",messaging.operation.type=send");
        }
    }
}
