using System.Diagnostics;
using System.Diagnostics.Metrics;
using ReliableQueue.Tests.Worker;

namespace ReliableQueue.Tests.Diagnostics;

public class WorkerTelemetryTests
{
    [Fact]
    public void A_handled_message_leaves_a_process_span_and_an_ack_span_below_it()
    {
        using var log = new SpanLog("handled-spans");
        using var rig = new WorkerRig { Queue = QueueName.Parse("handled-spans") };
        rig.Start();

        var id = rig.Enqueue(1)[0].ToString();

        var own = log.Spans.Where(span => Equals(span.GetTagItem("messaging.message.id"), id)).ToList();
        Assert.Equal(new[] { ("process handled-spans", ActivityKind.Consumer), ("ack handled-spans", ActivityKind.Client) }, own.Select(span => (span.DisplayName, span.Kind)));
        Assert.Equal(own[0].SpanId, own[1].ParentSpanId);
    }

    [Fact]
    public void A_failed_handler_marks_its_span_and_leaves_the_text_of_the_exception_out_of_the_attributes()
    {
        using var log = new SpanLog("failed-spans");
        using var rig = new WorkerRig { Queue = QueueName.Parse("failed-spans"), Handler = (_, _) => throw new InvalidOperationException("the canary sings") };
        rig.Start();

        var id = rig.Enqueue(1)[0].ToString();

        var process = log.Spans.First(span => Equals(span.GetTagItem("messaging.message.id"), id));
        Assert.Equal((ActivityStatusCode.Error, "handler_failed"), (process.Status, process.GetTagItem("error.type")));
        Assert.DoesNotContain(process.TagObjects, tag => tag.Value is string text && text.Contains("canary", StringComparison.Ordinal));
    }

    [Fact]
    public void No_delivery_is_the_child_of_another()
    {
        using var log = new SpanLog("many-spans");
        using var rig = new WorkerRig { Queue = QueueName.Parse("many-spans") };
        rig.Start();

        rig.Enqueue(20);

        var processes = log.Spans.Where(span => span.DisplayName == "process many-spans").ToList();
        Assert.Equal(20, processes.Count);
        Assert.All(processes, span => Assert.Equal(default, span.ParentSpanId));
    }

    [Fact]
    public void Settlements_are_counted_by_how_they_ended()
    {
        var counted = new Dictionary<string, long>();
        using var rig = new WorkerRig { Queue = QueueName.Parse("counted") };
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Name == "reliablequeue.settlements")
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            var named = tags.ToArray().ToDictionary();
            if (named["messaging.destination.name"] is "counted" && named["reliablequeue.settlement.outcome"] is string outcome)
            {
                counted[outcome] = counted.GetValueOrDefault(outcome) + value;
            }
        });
        listener.Start();
        var deliveries = 0;
        rig.Handler = (context, _) => (deliveries++, context.DeliveryCount) switch
        {
            (_, 2) => throw new RejectMessageException("enough"),
            (< 2, _) => throw new InvalidOperationException("again"),
            _ => Task.CompletedTask,
        };
        rig.Start();

        rig.Enqueue(5);
        rig.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(new Dictionary<string, long> { ["retry"] = 2, ["ack"] = 3, ["dead_letter"] = 2 }, counted);
    }
}
