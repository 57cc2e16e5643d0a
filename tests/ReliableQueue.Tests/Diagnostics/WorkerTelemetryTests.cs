using System.Diagnostics;
using System.Diagnostics.Metrics;
using ReliableQueue.Tests.Worker;

namespace ReliableQueue.Tests.Diagnostics;

public class WorkerTelemetryTests
{
    [Fact]
    public void A_handled_message_leaves_a_process_span_and_an_ack_span_below_it()
    {
        var spans = new List<Activity>();
        using var listener = Listen(spans);
        using var rig = new WorkerRig();
        rig.Start();

        var id = rig.Enqueue(1)[0].ToString();

        var own = spans.Where(span => Equals(span.GetTagItem("messaging.message.id"), id)).ToList();
        Assert.Equal(new[] { ("process work", ActivityKind.Consumer), ("ack work", ActivityKind.Client) }, own.Select(span => (span.DisplayName, span.Kind)));
        Assert.Equal(own[0].SpanId, own[1].ParentSpanId);
    }

    [Fact]
    public void A_failed_handler_marks_its_span_and_leaves_the_text_of_the_exception_out_of_the_attributes()
    {
        var spans = new List<Activity>();
        using var listener = Listen(spans);
        using var rig = new WorkerRig { Handler = (_, _) => throw new InvalidOperationException("the canary sings") };
        rig.Start();

        var id = rig.Enqueue(1)[0].ToString();

        var process = spans.First(span => Equals(span.GetTagItem("messaging.message.id"), id));
        Assert.Equal((ActivityStatusCode.Error, "handler_failed"), (process.Status, process.GetTagItem("error.type")));
        Assert.DoesNotContain(process.TagObjects, tag => tag.Value is string text && text.Contains("canary", StringComparison.Ordinal));
    }

    [Fact]
    public void No_delivery_is_the_child_of_another()
    {
        var spans = new List<Activity>();
        using var listener = Listen(spans);
        using var rig = new WorkerRig();
        rig.Start();

        var ids = rig.Enqueue(20).Select(id => (object?)id.ToString()).ToHashSet();

        var processes = spans.Where(span => span.OperationName == "process work" && ids.Contains(span.GetTagItem("messaging.message.id"))).ToList();
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

    private static ActivityListener Listen(List<Activity> spans)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == ReliableQueueTelemetry.ActivitySourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStarted = span =>
            {
                lock (spans)
                {
                    spans.Add(span);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }
}
